/* Arguments from Python: octets of a fixed length, and lists of octets. */
#include "py_kernel.h"

int kernel_copy(uint8_t *to, PyObject *object, Py_ssize_t length, const char *what)
{
    Py_buffer view;
    if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) < 0) return 0;
    if (view.len != length) {
        PyErr_Format(PyExc_ValueError, "%s must be %zd bytes, got %zd", what, length, view.len);
        PyBuffer_Release(&view);
        return 0;
    }
    memcpy(to, view.buf, (size_t)length);
    PyBuffer_Release(&view);
    return 1;
}

int kernel_count(const char *name, Py_ssize_t count, Py_ssize_t wanted)
{
    if (count == wanted) return 1;
    PyErr_Format(PyExc_TypeError, "%s takes %zd arguments, got %zd", name, wanted, count);
    return 0;
}

void kernel_release(kernel_buffers *held)
{
    while (held->count > 0) PyBuffer_Release(&held->views[--held->count]);
    PyMem_Free(held->views);
    held->views = NULL;
    Py_CLEAR(held->list);
}

int kernel_hold(kernel_buffers *held, PyObject *sequence)
{
    held->count = 0;
    held->views = NULL;
    held->list = PySequence_List(sequence); /* a list of our own: nobody changes it meanwhile */
    if (!held->list) return 0;
    Py_ssize_t wanted = PyList_Size(held->list);
    held->views = PyMem_Calloc((size_t)wanted + 1, sizeof *held->views);
    if (!held->views) PyErr_NoMemory();
    while (held->views && held->count < wanted) {
        PyObject *item = PyList_GetItem(held->list, held->count);
        if (PyObject_GetBuffer(item, &held->views[held->count], PyBUF_SIMPLE) < 0) break;
        held->count++;
    }
    if (held->views && held->count == wanted) return 1;
    kernel_release(held);
    return 0;
}
