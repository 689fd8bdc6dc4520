/* The Python module egov_sdk.crypto._native._kernel: its start, its choice of kernels, and what they are. */
#include "py_kernel.h"
#include "cpu.h"

/* The version of what this module offers; __init__.py asks for it. */
#define KERNEL_API 6

unsigned kernel_features;

static void choose(unsigned features)
{
    kernel_features = features & cpu_features();
    kernel_choose_sm2();
    kernel_choose_sm3();
    kernel_choose_sm4();
}

static PyObject *limit_features(PyObject *module, PyObject *argument)
{
    (void)module;
    unsigned long mask = PyLong_AsUnsignedLong(argument);
    if (mask == (unsigned long)-1 && PyErr_Occurred()) return NULL;
    choose((unsigned)mask & CPU_ALL);
    return PyLong_FromUnsignedLong(kernel_features);
}

static PyObject *features(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return Py_BuildValue("{s:I,s:I,s:s,s:s,s:s,s:s}", "processor", cpu_features(), "used", kernel_features, "sm2",
                         kernel_sm2->name, "sm3_many", kernel_sm3->name, "sm4", kernel_sm4_name(), "ghash",
                         kernel_ghash_name());
}

static PyMethodDef methods[] = {
    {"limit_features", limit_features, METH_O, "Use only these features (a mask) of those that the processor has."},
    {"features", features, METH_NOARGS, "What the processor has, what is used of it, and the kernels chosen by it."},
    {NULL, NULL, 0, NULL},
};

static int start(PyObject *module)
{
    static int prepared; /* what the whole process shares is made once, however many interpreters it has */
    kernel_state *state = state_of(module);
    if (!prepared) {
        choose(CPU_ALL);
        sm2_prepare(kernel_sm2);
        prepared = 1;
    }
    static const struct {
        const char *name;
        unsigned bit;
    } bits[] = {
        {"X86_64", CPU_X86_64}, {"ADX", CPU_ADX},       {"AVX2", CPU_AVX2}, {"AES", CPU_AES},
        {"CLMUL", CPU_CLMUL},   {"AVX512", CPU_AVX512}, {"GFNI", CPU_GFNI}, {"VCLMUL", CPU_VCLMUL},
    };
    if (PyModule_AddIntConstant(module, "API", KERNEL_API) < 0) return -1;
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
        if (PyModule_AddIntConstant(module, bits[i].name, (long)bits[i].bit) < 0) return -1;
    }
    if (kernel_add_sm2(module, state) < 0 || kernel_add_sm3(module, state) < 0) return -1;
    return kernel_add_sm4(module, state);
}

static int state_traverse(PyObject *module, visitproc visit, void *arg)
{
    kernel_state *state = state_of(module);
    Py_VISIT(state->private_type);
    Py_VISIT(state->public_type);
    Py_VISIT(state->hash_type);
    Py_VISIT(state->sm4_key_type);
    Py_VISIT(state->sm4_stream_type);
    return 0;
}

static int state_clear(PyObject *module)
{
    kernel_state *state = state_of(module);
    Py_CLEAR(state->private_type);
    Py_CLEAR(state->public_type);
    Py_CLEAR(state->hash_type);
    Py_CLEAR(state->sm4_key_type);
    Py_CLEAR(state->sm4_stream_type);
    return 0;
}

static void state_free(void *module)
{
    (void)state_clear((PyObject *)module);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)start},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "egov_sdk.crypto._native._kernel",
    .m_doc = "SM2, SM3 and SM4 in C: constant time for secrets, chosen by what the processor offers.",
    .m_size = sizeof(kernel_state),
    .m_methods = methods,
    .m_slots = slots,
    .m_traverse = state_traverse,
    .m_clear = state_clear,
    .m_free = state_free,
};

PyMODINIT_FUNC PyInit__kernel(void)
{
    return PyModuleDef_Init(&definition);
}
