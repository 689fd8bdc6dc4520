/* SM3 for Python: one message, many messages, a running hash, HMAC, KDF and PBKDF2. */
#include "py_kernel.h"

const sm3_engine *kernel_sm3;

void kernel_choose_sm3(void)
{
    kernel_sm3 = sm3_choose(kernel_features);
}

typedef struct {
    PyObject_HEAD
    sm3_state state;
} hash_object;

static void feed(sm3_state *state, const Py_buffer *view)
{
    if (view->len < UNLOCK_FROM) {
        sm3_update(state, view->buf, (size_t)view->len);
        return;
    }
    sm3_state private_copy = *state; /* two threads may feed one object: without harm, though in no useful order */
    Py_BEGIN_ALLOW_THREADS
    sm3_update(&private_copy, view->buf, (size_t)view->len);
    Py_END_ALLOW_THREADS
    *state = private_copy;
}

static PyObject *sm3(PyObject *module, PyObject *argument)
{
    Py_buffer view;
    sm3_state state;
    uint8_t digest[SM3_DIGEST];
    (void)module;
    if (PyObject_GetBuffer(argument, &view, PyBUF_SIMPLE) < 0) return NULL;
    sm3_init(&state);
    feed(&state, &view);
    PyBuffer_Release(&view);
    sm3_final(&state, digest);
    return kernel_bytes(digest, sizeof digest);
}

static PyObject *hmac_sm3(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer key, message;
    sm3_hmac_key prepared;
    sm3_state state;
    uint8_t tag[SM3_DIGEST];
    (void)module;
    if (!kernel_count("hmac_sm3", count, 2)) return NULL;
    if (PyObject_GetBuffer(args[0], &key, PyBUF_SIMPLE) < 0) return NULL;
    if (PyObject_GetBuffer(args[1], &message, PyBUF_SIMPLE) < 0) {
        PyBuffer_Release(&key);
        return NULL;
    }
    sm3_hmac_prepare(&prepared, key.buf, (size_t)key.len);
    sm3_hmac_start(&state, &prepared);
    feed(&state, &message);
    sm3_hmac_final(&state, &prepared, tag);
    secret_wipe(&prepared, sizeof prepared);
    PyBuffer_Release(&message);
    PyBuffer_Release(&key);
    return kernel_bytes(tag, sizeof tag);
}

static PyObject *digest_list(uint8_t (*digests)[SM3_DIGEST], Py_ssize_t count)
{
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list && i < count; i++) {
        PyObject *digest = kernel_bytes(digests[i], SM3_DIGEST);
        if (!digest) {
            Py_CLEAR(list);
        } else {
            (void)PyList_SetItem(list, i, digest);
        }
    }
    return list;
}

static PyObject *many(PyObject *module, PyObject *argument)
{
    kernel_buffers held;
    PyObject *result = NULL;
    (void)module;
    if (!kernel_hold(&held, argument)) return NULL;
    sm3_message *messages = PyMem_Calloc((size_t)held.count + 1, sizeof *messages);
    uint8_t (*digests)[SM3_DIGEST] = PyMem_Calloc((size_t)held.count + 1, SM3_DIGEST);
    if (messages && digests) {
        for (Py_ssize_t i = 0; i < held.count; i++) {
            messages[i] = (sm3_message){held.views[i].buf, (size_t)held.views[i].len};
        }
        const sm3_engine *engine = kernel_sm3;
        Py_BEGIN_ALLOW_THREADS
        sm3_many(engine, digests, &SM3_START, 0, messages, (size_t)held.count);
        Py_END_ALLOW_THREADS
        result = digest_list(digests, held.count);
    } else {
        PyErr_NoMemory();
    }
    PyMem_Free(messages);
    PyMem_Free(digests);
    kernel_release(&held);
    return result;
}

/* (z, length, info) */
static PyObject *kdf(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer z, info;
    PyObject *result = NULL;
    (void)module;
    if (!kernel_count("kdf_sm3", count, 3)) return NULL;
    Py_ssize_t length = PyLong_AsSsize_t(args[1]);
    if (length == -1 && PyErr_Occurred()) return NULL;
    if (length < 0 || (uint64_t)length > 0xFFFFFFFFu * (uint64_t)SM3_DIGEST) {
        PyErr_SetString(PyExc_ValueError, "length must be 0 to (2^32 - 1) * 32 bytes");
        return NULL;
    }
    if (PyObject_GetBuffer(args[0], &z, PyBUF_SIMPLE) < 0) return NULL;
    if (PyObject_GetBuffer(args[2], &info, PyBUF_SIMPLE) == 0) {
        result = PyBytes_FromStringAndSize(NULL, length);
        if (result) {
            sm3_message from = {z.buf, (size_t)z.len}, with = {info.buf, (size_t)info.len};
            uint8_t *out = (uint8_t *)PyBytes_AsString(result);
            const sm3_engine *engine = kernel_sm3;
            int good;
            RUN(length, good = sm3_kdf(engine, out, (size_t)length, &from, &with));
            if (!good) {
                Py_CLEAR(result);
                PyErr_NoMemory();
            }
        }
        PyBuffer_Release(&info);
    }
    PyBuffer_Release(&z);
    return result;
}

/* (password, salt, iterations, length) */
static PyObject *pbkdf2(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer password, salt;
    PyObject *result = NULL;
    (void)module;
    if (!kernel_count("pbkdf2_hmac_sm3", count, 4)) return NULL;
    Py_ssize_t iterations = PyLong_AsSsize_t(args[2]), length = PyLong_AsSsize_t(args[3]);
    if (PyErr_Occurred()) return NULL;
    if (iterations < 1 || length < 1 || (uint64_t)length > 0xFFFFFFFFu * (uint64_t)SM3_DIGEST) {
        PyErr_SetString(PyExc_ValueError, "iterations and length must be at least 1, length at most (2^32 - 1) * 32");
        return NULL;
    }
    if (PyObject_GetBuffer(args[0], &password, PyBUF_SIMPLE) < 0) return NULL;
    if (PyObject_GetBuffer(args[1], &salt, PyBUF_SIMPLE) == 0) {
        result = PyBytes_FromStringAndSize(NULL, length);
        if (result) {
            sm3_message secret = {password.buf, (size_t)password.len}, with = {salt.buf, (size_t)salt.len};
            uint8_t *out = (uint8_t *)PyBytes_AsString(result);
            Py_BEGIN_ALLOW_THREADS
            sm3_pbkdf2(out, (size_t)length, &secret, &with, (uint64_t)iterations);
            Py_END_ALLOW_THREADS
        }
        PyBuffer_Release(&salt);
    }
    PyBuffer_Release(&password);
    return result;
}

static PyObject *hash_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *start = NULL;
    Py_buffer view;
    if (keywords && PyDict_Size(keywords)) {
        PyErr_SetString(PyExc_TypeError, "SM3 takes no keywords");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "|O:SM3", &start)) return NULL;
    if (start && PyObject_GetBuffer(start, &view, PyBUF_SIMPLE) < 0) return NULL;
    hash_object *self = PyObject_New(hash_object, type);
    if (self) {
        sm3_init(&self->state);
        if (start) feed(&self->state, &view);
    }
    if (start) PyBuffer_Release(&view);
    return (PyObject *)self;
}

static void hash_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    secret_wipe(&((hash_object *)self)->state, sizeof(sm3_state));
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyObject *hash_update(PyObject *self, PyObject *argument)
{
    Py_buffer view;
    if (PyObject_GetBuffer(argument, &view, PyBUF_SIMPLE) < 0) return NULL;
    feed(&((hash_object *)self)->state, &view);
    PyBuffer_Release(&view);
    Py_RETURN_NONE;
}

static PyObject *hash_digest(PyObject *self, PyObject *unused)
{
    uint8_t digest[SM3_DIGEST];
    sm3_state state = ((hash_object *)self)->state;
    (void)unused;
    sm3_final(&state, digest);
    return kernel_bytes(digest, sizeof digest);
}

static PyObject *hash_copy(PyObject *self, PyObject *unused)
{
    (void)unused;
    hash_object *twin = PyObject_New(hash_object, Py_TYPE(self));
    if (twin) twin->state = ((hash_object *)self)->state;
    return (PyObject *)twin;
}

static PyMethodDef hash_methods[] = {
    {"update", hash_update, METH_O, "Feed more bytes."},
    {"digest", hash_digest, METH_NOARGS, "The digest of everything fed so far; feeding may go on."},
    {"copy", hash_copy, METH_NOARGS, "A second hash that goes on from the same state."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot hash_slots[] = {
    {Py_tp_new, (void *)hash_new},
    {Py_tp_dealloc, (void *)hash_dealloc},
    {Py_tp_methods, hash_methods},
    {Py_tp_doc, "A running SM3 hash."},
    {0, NULL},
};
static PyType_Spec hash_spec = {
    .name = "egov_sdk.crypto._native._kernel.SM3",
    .basicsize = sizeof(hash_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = hash_slots,
};

static PyMethodDef methods[] = {
    {"sm3", sm3, METH_O, "The SM3 digest of a message."},
    {"hmac_sm3", (PyCFunction)(void (*)(void))hmac_sm3, METH_FASTCALL, "(key, message) -> HMAC-SM3, 32 bytes."},
    {"sm3_many", many, METH_O, "The SM3 digests of many messages, in their order."},
    {"kdf_sm3", (PyCFunction)(void (*)(void))kdf, METH_FASTCALL, "(z, length, info) -> the KDF of SM2 and ANSI X9.63."},
    {"pbkdf2_hmac_sm3", (PyCFunction)(void (*)(void))pbkdf2, METH_FASTCALL,
     "(password, salt, iterations, length) -> PBKDF2 with HMAC-SM3."},
    {NULL, NULL, 0, NULL},
};

int kernel_add_sm3(PyObject *module, kernel_state *state)
{
    state->hash_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &hash_spec, NULL);
    if (!state->hash_type || PyModule_AddType(module, state->hash_type) < 0) return -1;
    return PyModule_AddFunctions(module, methods);
}
