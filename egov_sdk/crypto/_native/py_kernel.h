/* What the files of the Python module share: module state, buffers, and the current choice of kernels.
 *
 * The module uses the limited API of Python 3.11 (one wheel for all later versions). The interpreter's lock guards all
 * shared state below; long arithmetic runs without it.
 */
#ifndef EGOV_PY_KERNEL_H
#define EGOV_PY_KERNEL_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "sm2_cipher.h"

typedef struct {
    PyTypeObject *private_type, *public_type, *hash_type, *sm4_key_type, *sm4_stream_type;
} kernel_state;

/* From this many octets on, another thread may run meanwhile. Below, and for a single product or signature, handing over
 * the lock costs more than it gives: two threads that do so all the time take twice as long as one after the other. */
#define UNLOCK_FROM 32768

/* Runs a statement, without the interpreter's lock if there is enough to do. */
#define RUN(length, statement) \
    do { \
        PyThreadState *saved = (length) >= UNLOCK_FROM ? PyEval_SaveThread() : NULL; \
        statement; \
        if (saved) PyEval_RestoreThread(saved); \
    } while (0)

/* The features in use: those of the processor, or fewer for tests. */
extern unsigned kernel_features;
extern const sm2_kernel *kernel_sm2;
extern const sm3_engine *kernel_sm3;

EGOV_INLINE kernel_state *state_of(PyObject *module)
{
    return (kernel_state *)PyModule_GetState(module);
}

/* Copies an argument of exactly `length` octets; sets ValueError or TypeError and returns 0 for anything else. */
int kernel_copy(uint8_t *to, PyObject *object, Py_ssize_t length, const char *what);

/* A new bytes object with these octets. */
EGOV_INLINE PyObject *kernel_bytes(const uint8_t *octets, size_t length)
{
    return PyBytes_FromStringAndSize((const char *)octets, (Py_ssize_t)length);
}

/* The octets of a list of objects. */
typedef struct {
    PyObject *list;
    Py_buffer *views;
    Py_ssize_t count;
} kernel_buffers;

/* Takes hold of them all; returns 0 with an error set if one has no octets. */
int kernel_hold(kernel_buffers *held, PyObject *sequence);
void kernel_release(kernel_buffers *held);

/* Sets TypeError and returns 0 unless there are exactly `wanted` arguments. */
int kernel_count(const char *name, Py_ssize_t count, Py_ssize_t wanted);

/* Each adds its functions and types; returns -1 with an error set. */
int kernel_add_sm2(PyObject *module, kernel_state *state);
int kernel_add_sm3(PyObject *module, kernel_state *state);
int kernel_add_sm4(PyObject *module, kernel_state *state);

/* Called when the choice of features has changed. */
void kernel_choose_sm2(void);
void kernel_choose_sm3(void);
void kernel_choose_sm4(void);
const char *kernel_sm4_name(void);
const char *kernel_ghash_name(void);

#endif
