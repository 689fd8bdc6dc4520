/* SM2 for Python: key objects, their combs, signing and verifying, encrypting and decrypting. */
#include "py_kernel.h"
#include "py_combs.h"

const sm2_kernel *kernel_sm2;

void kernel_choose_sm2(void)
{
    kernel_sm2 = sm2_choose(kernel_features);
}

typedef struct {
    PyObject_HEAD
    sm2_signer signer;
} private_object;

typedef struct {
    PyObject_HEAD
    sm2_public key;
    comb_slot comb;
} public_object;

static void private_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    private_object *object = (private_object *)self;
    secret_wipe(&object->signer, sizeof object->signer);
    PyObject_Free(self);
    Py_DECREF(type);
}

static void public_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    comb_forget(&((public_object *)self)->comb);
    PyObject_Free(self);
    Py_DECREF(type);
}

static private_object *as_private(PyObject *module, PyObject *object)
{
    if (PyObject_TypeCheck(object, state_of(module)->private_type)) return (private_object *)object;
    PyErr_SetString(PyExc_TypeError, "not a private key of this kernel");
    return NULL;
}

static public_object *as_public(PyObject *module, PyObject *object)
{
    if (PyObject_TypeCheck(object, state_of(module)->public_type)) return (public_object *)object;
    PyErr_SetString(PyExc_TypeError, "not a public key of this kernel");
    return NULL;
}

static PyObject *open_private(PyObject *module, PyObject *argument)
{
    uint8_t d[32];
    if (!kernel_copy(d, argument, sizeof d, "d")) return NULL;
    private_object *self = PyObject_New(private_object, state_of(module)->private_type);
    if (self) {
        if (!sm2_open_signer(kernel_sm2, &self->signer, d)) {
            PyErr_SetString(PyExc_ValueError, "a private key must be in [1, n-2]");
            Py_CLEAR(self);
        }
    }
    secret_wipe(d, sizeof d);
    return (PyObject *)self;
}

static PyObject *public_point(PyObject *module, PyObject *argument)
{
    private_object *self = as_private(module, argument);
    return self ? kernel_bytes(self->signer.key.point, 64) : NULL;
}

static PyObject *open_public(PyObject *module, PyObject *argument)
{
    uint8_t point[64];
    if (!kernel_copy(point, argument, sizeof point, "a point")) return NULL;
    public_object *self = PyObject_New(public_object, state_of(module)->public_type);
    if (!self) return NULL;
    memset(&self->comb, 0, sizeof self->comb);
    if (!kernel_sm2->open_public(&self->key, point)) {
        PyErr_SetString(PyExc_ValueError, "not a point of the curve sm2p256v1 with coordinates below p");
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

/* Whether octets are x || y of a point of the curve, with coordinates below p. */
static PyObject *is_point(PyObject *module, PyObject *argument)
{
    uint8_t point[64];
    sm2_public ignored;
    (void)module;
    if (!kernel_copy(point, argument, sizeof point, "a point")) return NULL;
    return PyBool_FromLong(kernel_sm2->open_public(&ignored, point));
}

static PyObject *sign(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    uint8_t e[32], k[32], rs[64];
    if (!kernel_count("sign", count, 3)) return NULL;
    private_object *self = as_private(module, args[0]);
    if (!self || !kernel_copy(e, args[1], sizeof e, "e") || !kernel_copy(k, args[2], sizeof k, "k")) return NULL;
    int good = kernel_sm2->sign(rs, &self->signer.key, sm2_base, e, k);
    secret_wipe(k, sizeof k);
    if (!good) Py_RETURN_NONE;
    return kernel_bytes(rs, sizeof rs);
}

/* Shared by sign_message and sign_message_der: rs of the message, or a result other than 1. */
static int message_signature(PyObject *module, PyObject *const *args, Py_ssize_t count, uint8_t rs[64])
{
    uint8_t z[32], entropy[32];
    Py_buffer message;
    if (!kernel_count("sign_message", count, 4)) return -1;
    private_object *self = as_private(module, args[0]);
    if (!self || !kernel_copy(z, args[1], sizeof z, "Z")) return -1;
    if (!kernel_copy(entropy, args[3], sizeof entropy, "entropy")) return -1;
    if (PyObject_GetBuffer(args[2], &message, PyBUF_SIMPLE) < 0) return -1;
    const sm2_kernel *kernel = kernel_sm2;
    int good;
    RUN(message.len, good = sm2_sign_message(kernel, rs, &self->signer, z, message.buf, (size_t)message.len, entropy));
    secret_wipe(entropy, sizeof entropy);
    PyBuffer_Release(&message);
    return good;
}

static PyObject *sign_message(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    uint8_t rs[64];
    int good = message_signature(module, args, count, rs);
    if (good < 0) return NULL;
    if (!good) Py_RETURN_NONE;
    return kernel_bytes(rs, sizeof rs);
}

static PyObject *sign_message_der(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    uint8_t rs[64], der[SM2_DER_MAX];
    int good = message_signature(module, args, count, rs);
    if (good < 0) return NULL;
    if (!good) Py_RETURN_NONE;
    return kernel_bytes(der, sm2_signature_to_der(der, rs));
}

/* The comb of this key, held, if it has one; made now if this use has earned it or `always`. NULL: do without. */
static comb *comb_for(public_object *self, int always)
{
    comb *held = comb_hold(&self->comb);
    if (held) return held;
    if (!comb_earned(&self->comb) && !(always && !self->comb.building)) return NULL;
    held = comb_new();
    if (!held) return NULL;
    const sm2_kernel *kernel = kernel_sm2;
    self->comb.building = 1;
    Py_BEGIN_ALLOW_THREADS
    kernel->build_comb(comb_room(held), &self->key.point, SM2_KEY_WINDOW, SM2_KEY_ROWS);
    Py_END_ALLOW_THREADS
    self->comb.building = 0;
    comb_publish(&self->comb, held);
    return held;
}

static PyObject *verify(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    uint8_t e[32], rs[64];
    if (!kernel_count("verify", count, 3)) return NULL;
    public_object *self = as_public(module, args[0]);
    if (!self || !kernel_copy(e, args[1], sizeof e, "e") || !kernel_copy(rs, args[2], sizeof rs, "r || s")) return NULL;
    comb *held = comb_for(self, 0);
    int good = kernel_sm2->verify(&self->key, held ? comb_points(held) : NULL, sm2_base, e, rs);
    if (held) comb_release(held);
    return PyBool_FromLong(good);
}

/* Reads a signature, DER or r || s; 1 or 0, or -1 with an error set if it has no octets at all. */
static int read_signature(uint8_t rs[64], PyObject *object, int der)
{
    Py_buffer view;
    if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) < 0) return -1;
    int good;
    if (der) {
        good = sm2_signature_from_der(rs, view.buf, (size_t)view.len);
    } else {
        good = view.len == 64;
        if (good) memcpy(rs, view.buf, 64);
    }
    PyBuffer_Release(&view);
    return good;
}

/* verify_message and verify_message_der: key, Z, message, signature */
static PyObject *message_verdict(PyObject *module, PyObject *const *args, Py_ssize_t count, int der)
{
    uint8_t z[32], rs[64], e[32];
    Py_buffer message;
    if (!kernel_count("verify_message", count, 4)) return NULL;
    public_object *self = as_public(module, args[0]);
    if (!self || !kernel_copy(z, args[1], sizeof z, "Z")) return NULL;
    int good = read_signature(rs, args[3], der);
    if (good < 0 || PyObject_GetBuffer(args[2], &message, PyBUF_SIMPLE) < 0) return NULL;
    if (good) {
        comb *held = comb_for(self, 0);
        const sm2_kernel *kernel = kernel_sm2;
        RUN(message.len, sm2_digest(e, z, message.buf, (size_t)message.len));
        good = kernel->verify(&self->key, held ? comb_points(held) : NULL, sm2_base, e, rs);
        if (held) comb_release(held);
    }
    PyBuffer_Release(&message);
    return PyBool_FromLong(good);
}

static PyObject *verify_message(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    return message_verdict(module, args, count, 0);
}

static PyObject *verify_message_der(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    return message_verdict(module, args, count, 1);
}

typedef struct {
    uint8_t length, octets[SM2_DER_MAX];
} der_signature;

/* Signs all messages, in groups that share one inversion; a signature of length 0 is one to be made again. */
static void sign_all(const sm2_kernel *kernel, const sm2_signer *signer, const uint8_t z[32], const kernel_buffers *messages,
                     const uint8_t *entropy, der_signature *made)
{
    sm2_job jobs[SM2_MANY];
    size_t total = (size_t)messages->count;
    for (size_t from = 0; from < total; from += SM2_MANY) {
        size_t count = total - from < SM2_MANY ? total - from : SM2_MANY;
        for (size_t i = 0; i < count; i++) {
            const Py_buffer *message = &messages->views[from + i];
            sm2_digest(jobs[i].e, z, message->buf, (size_t)message->len);
            sm2_hedged_nonce(jobs[i].k, signer, jobs[i].e, entropy + 32 * (from + i));
        }
        kernel->sign_many(jobs, count, &signer->key, sm2_base);
        for (size_t i = 0; i < count; i++) {
            der_signature *out = &made[from + i];
            out->length = jobs[i].good ? (uint8_t)sm2_signature_to_der(out->octets, jobs[i].rs) : 0;
        }
    }
}

static PyObject *der_list(const der_signature *made, Py_ssize_t count)
{
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list && i < count; i++) {
        PyObject *item = made[i].length ? kernel_bytes(made[i].octets, made[i].length) : Py_NewRef(Py_None);
        if (!item) {
            Py_CLEAR(list);
        } else {
            (void)PyList_SetItem(list, i, item);
        }
    }
    return list;
}

static PyObject *sign_messages(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    uint8_t z[32];
    kernel_buffers messages;
    Py_buffer entropy;
    PyObject *result = NULL;
    if (!kernel_count("sign_messages", count, 4)) return NULL;
    private_object *self = as_private(module, args[0]);
    if (!self || !kernel_copy(z, args[1], sizeof z, "Z") || !kernel_hold(&messages, args[2])) return NULL;
    if (PyObject_GetBuffer(args[3], &entropy, PyBUF_SIMPLE) == 0) {
        der_signature *made = PyMem_Calloc((size_t)messages.count + 1, sizeof *made);
        if (!made) {
            PyErr_NoMemory();
        } else if (entropy.len != 32 * messages.count) {
            PyErr_Format(PyExc_ValueError, "entropy must be %zd bytes, got %zd", 32 * messages.count, entropy.len);
        } else {
            const sm2_kernel *kernel = kernel_sm2;
            Py_BEGIN_ALLOW_THREADS
            sign_all(kernel, &self->signer, z, &messages, entropy.buf, made);
            Py_END_ALLOW_THREADS
            result = der_list(made, messages.count);
        }
        PyMem_Free(made);
        PyBuffer_Release(&entropy);
    }
    kernel_release(&messages);
    return result;
}

static PyObject *bool_list(const uint8_t *values, Py_ssize_t count)
{
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list && i < count; i++) (void)PyList_SetItem(list, i, PyBool_FromLong(values[i]));
    return list;
}

static void verify_all(const public_object *self, const affine *comb_of_key, const uint8_t z[32], const kernel_buffers *messages,
                       const kernel_buffers *signatures, const sm2_kernel *kernel, uint8_t *good)
{
    uint8_t e[32], rs[64];
    for (Py_ssize_t i = 0; i < messages->count; i++) {
        const Py_buffer *message = &messages->views[i], *der = &signatures->views[i];
        good[i] = 0;
        if (!sm2_signature_from_der(rs, der->buf, (size_t)der->len)) continue;
        sm2_digest(e, z, message->buf, (size_t)message->len);
        good[i] = (uint8_t)kernel->verify(&self->key, comb_of_key, sm2_base, e, rs);
    }
}

static PyObject *verify_messages(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    uint8_t z[32], *good = NULL;
    kernel_buffers messages, signatures;
    PyObject *result = NULL;
    if (!kernel_count("verify_messages", count, 4)) return NULL;
    public_object *self = as_public(module, args[0]);
    if (!self || !kernel_copy(z, args[1], sizeof z, "Z") || !kernel_hold(&messages, args[2])) return NULL;
    if (kernel_hold(&signatures, args[3])) {
        if (signatures.count != messages.count) {
            PyErr_Format(PyExc_ValueError, "%zd messages, but %zd signatures", messages.count, signatures.count);
        } else if (!(good = PyMem_Calloc((size_t)messages.count + 1, 1))) {
            PyErr_NoMemory();
        } else {
            comb *held = comb_for(self, messages.count >= COMB_FIRST_USES);
            const affine *points = held ? comb_points(held) : NULL;
            const sm2_kernel *kernel = kernel_sm2;
            Py_BEGIN_ALLOW_THREADS
            verify_all(self, points, z, &messages, &signatures, kernel, good);
            Py_END_ALLOW_THREADS
            if (held) comb_release(held);
            result = bool_list(good, messages.count);
        }
        PyMem_Free(good);
        kernel_release(&signatures);
    }
    kernel_release(&messages);
    return result;
}

static PyObject *precompute(PyObject *module, PyObject *argument)
{
    public_object *self = as_public(module, argument);
    if (!self) return NULL;
    comb *held = comb_for(self, 1);
    if (held) comb_release(held);
    Py_RETURN_NONE;
}

static PyObject *is_precomputed(PyObject *module, PyObject *argument)
{
    public_object *self = as_public(module, argument);
    return self ? PyBool_FromLong(self->comb.held != NULL) : NULL;
}

static PyObject *limit_combs(PyObject *module, PyObject *argument)
{
    (void)module;
    size_t limit = PyLong_AsSize_t(argument);
    if (limit == (size_t)-1 && PyErr_Occurred()) return NULL;
    return PyLong_FromSize_t(comb_set_limit(limit));
}

/* A point, None for infinity, ValueError for octets that are no point. */
static PyObject *point_result(int found, const uint8_t point[64])
{
    if (found < 0) {
        PyErr_SetString(PyExc_ValueError, "not a point of the curve sm2p256v1 with coordinates below p");
        return NULL;
    }
    if (!found) Py_RETURN_NONE;
    return kernel_bytes(point, 64);
}

static PyObject *mul_base(PyObject *module, PyObject *argument)
{
    uint8_t k[32], out[64];
    (void)module;
    if (!kernel_copy(k, argument, sizeof k, "k")) return NULL;
    int found = kernel_sm2->multiply_base(out, sm2_base, k);
    secret_wipe(k, sizeof k);
    return point_result(found, out);
}

static PyObject *mul(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    uint8_t point[64], k[32], out[64];
    (void)module;
    if (!kernel_count("mul", count, 2)) return NULL;
    if (!kernel_copy(point, args[0], sizeof point, "a point") || !kernel_copy(k, args[1], sizeof k, "k")) return NULL;
    int found = kernel_sm2->multiply(out, point, k);
    secret_wipe(k, sizeof k);
    PyObject *result = point_result(found, out);
    secret_wipe(out, sizeof out);
    return result;
}

static PyObject *nonce_products(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    uint8_t k[32], out[128];
    if (!kernel_count("nonce_products", count, 2)) return NULL;
    public_object *self = as_public(module, args[0]);
    if (!self || !kernel_copy(k, args[1], sizeof k, "k")) return NULL;
    comb *held = comb_for(self, 0);
    int good = kernel_sm2->nonce_products(out, &self->key, held ? comb_points(held) : NULL, sm2_base, k);
    secret_wipe(k, sizeof k);
    if (held) comb_release(held);
    if (!good) Py_RETURN_NONE;
    PyObject *result = kernel_bytes(out, sizeof out);
    secret_wipe(out, sizeof out);
    return result;
}

/* C1 || C3 || C2, or DER. */
static PyObject *ciphertext_bytes(const sm2_ciphertext *made, int der)
{
    size_t room = made->length + (der ? SM2_CIPHER_DER_MORE : SM2_CIPHER_LEAD), size = room;
    uint8_t *octets = PyMem_Malloc(room);
    if (!octets) return PyErr_NoMemory();
    if (der) {
        size = sm2_ciphertext_to_der(octets, made);
    } else {
        memcpy(octets, made->c1, 64);
        memcpy(octets + 64, made->c3, 32);
        memcpy(octets + SM2_CIPHER_LEAD, made->c2, made->length);
    }
    PyObject *result = kernel_bytes(octets, size);
    PyMem_Free(octets);
    return result;
}

/* key, data, entropy, whether as DER */
static PyObject *encrypt(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    uint8_t entropy[32], *c2;
    Py_buffer data;
    sm2_ciphertext made;
    PyObject *result = NULL;
    int der, good;
    if (!kernel_count("encrypt", count, 4)) return NULL;
    public_object *self = as_public(module, args[0]);
    if (!self || !kernel_copy(entropy, args[2], sizeof entropy, "entropy")) return NULL;
    if ((der = PyObject_IsTrue(args[3])) < 0 || PyObject_GetBuffer(args[1], &data, PyBUF_SIMPLE) < 0) return NULL;
    if (data.len == 0) {
        PyErr_SetString(PyExc_ValueError, "the data must be one byte or more");
    } else if (!(c2 = PyMem_Malloc((size_t)data.len))) {
        PyErr_NoMemory();
    } else {
        const sm2_kernel *kernel = kernel_sm2;
        const sm3_engine *engine = kernel_sm3;
        comb *held = comb_for(self, 0);
        const affine *points = held ? comb_points(held) : NULL;
        RUN(data.len, good = sm2_encrypt(kernel, engine, &made, c2, &self->key, points, data.buf, (size_t)data.len, entropy));
        if (held) comb_release(held);
        if (good == 1) {
            result = ciphertext_bytes(&made, der);
        } else {
            result = good ? PyErr_NoMemory() : Py_NewRef(Py_None);
        }
        PyMem_Free(c2);
    }
    secret_wipe(entropy, sizeof entropy);
    PyBuffer_Release(&data);
    return result;
}

/* Takes a ciphertext apart, DER or C1 || C3 || C2; 0 if it is none. */
static int read_ciphertext(sm2_ciphertext *sealed, const Py_buffer *octets, int der)
{
    const uint8_t *from = octets->buf;
    size_t length = (size_t)octets->len;
    if (der) return sm2_ciphertext_from_der(sealed, from, length);
    if (length <= SM2_CIPHER_LEAD) return 0;
    memcpy(sealed->c1, from, 64);
    memcpy(sealed->c3, from + 64, 32);
    sealed->c2 = from + SM2_CIPHER_LEAD;
    sealed->length = length - SM2_CIPHER_LEAD;
    return 1;
}

/* key, ciphertext, whether it is DER */
static PyObject *decrypt(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer octets;
    sm2_ciphertext sealed;
    PyObject *result = NULL;
    int der, good = 0;
    if (!kernel_count("decrypt", count, 3)) return NULL;
    private_object *self = as_private(module, args[0]);
    if (!self || (der = PyObject_IsTrue(args[2])) < 0) return NULL;
    if (PyObject_GetBuffer(args[1], &octets, PyBUF_SIMPLE) < 0) return NULL;
    if (!read_ciphertext(&sealed, &octets, der)) {
        result = Py_NewRef(Py_None);
    } else if ((result = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)sealed.length))) {
        uint8_t *out = (uint8_t *)PyBytes_AsString(result);
        const sm2_kernel *kernel = kernel_sm2;
        const sm3_engine *engine = kernel_sm3;
        RUN(sealed.length, good = sm2_decrypt(kernel, engine, out, &self->signer, &sealed));
        if (good != 1) {
            Py_DECREF(result);
            result = good ? PyErr_NoMemory() : Py_NewRef(Py_None);
        }
    }
    PyBuffer_Release(&octets);
    return result;
}

static PyObject *add(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    uint8_t left[64], right[64], out[64];
    (void)module;
    if (!kernel_count("add", count, 2)) return NULL;
    if (!kernel_copy(left, args[0], 64, "a point") || !kernel_copy(right, args[1], 64, "a point")) return NULL;
    return point_result(kernel_sm2->add(out, left, right), out);
}

static PyMethodDef methods[] = {
    {"open_private", open_private, METH_O, "A key object for d in [1, n-2], 32 bytes."},
    {"public_point", public_point, METH_O, "[d]G of a private key, 64 bytes."},
    {"sign", (PyCFunction)(void (*)(void))sign, METH_FASTCALL, "(key, e, k) -> r || s, or None if k must not be used."},
    {"sign_message", (PyCFunction)(void (*)(void))sign_message, METH_FASTCALL,
     "(key, z, message, entropy) -> r || s, or None: come again with fresh entropy."},
    {"sign_message_der", (PyCFunction)(void (*)(void))sign_message_der, METH_FASTCALL, "As sign_message, in DER."},
    {"open_public", open_public, METH_O, "A key object for a point, 64 bytes; ValueError if it is none."},
    {"is_point", is_point, METH_O, "Whether 64 bytes are a point of the curve, with coordinates below p."},
    {"verify", (PyCFunction)(void (*)(void))verify, METH_FASTCALL, "(key, e, r || s) -> whether it is good."},
    {"verify_message", (PyCFunction)(void (*)(void))verify_message, METH_FASTCALL,
     "(key, z, message, r || s) -> whether it is good."},
    {"verify_message_der", (PyCFunction)(void (*)(void))verify_message_der, METH_FASTCALL,
     "(key, z, message, der) -> whether it is strict DER and good."},
    {"sign_messages", (PyCFunction)(void (*)(void))sign_messages, METH_FASTCALL,
     "(key, z, messages, entropy: 32 bytes each) -> list of DER, or None where it must be made again."},
    {"verify_messages", (PyCFunction)(void (*)(void))verify_messages, METH_FASTCALL,
     "(key, z, messages, DER signatures) -> list of whether each is strict DER and good."},
    {"precompute", precompute, METH_O, "Make the comb of a public key now."},
    {"is_precomputed", is_precomputed, METH_O, "Whether a public key has its comb."},
    {"limit_combs", limit_combs, METH_O, "Keep at most so many combs (0: as before); returns how many there are."},
    {"mul_base", mul_base, METH_O, "[k]G, or None for infinity."},
    {"mul", (PyCFunction)(void (*)(void))mul, METH_FASTCALL, "(point, k) -> [k]P, or None for infinity."},
    {"nonce_products", (PyCFunction)(void (*)(void))nonce_products, METH_FASTCALL,
     "(key, k) -> [k]G and [k]P, or None if k must not be used."},
    {"encrypt", (PyCFunction)(void (*)(void))encrypt, METH_FASTCALL,
     "(key, data, entropy, der) -> C1 || C3 || C2, or DER; None: take another k."},
    {"decrypt", (PyCFunction)(void (*)(void))decrypt, METH_FASTCALL,
     "(key, ciphertext, der) -> what was encrypted, or None."},
    {"add", (PyCFunction)(void (*)(void))add, METH_FASTCALL, "(point, point) -> their sum, or None for infinity."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot private_slots[] = {{Py_tp_dealloc, (void *)private_dealloc}, {0, NULL}};
static PyType_Spec private_spec = {
    .name = "egov_sdk.crypto._native._kernel.PrivateKey",
    .basicsize = sizeof(private_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = private_slots,
};

static PyType_Slot public_slots[] = {{Py_tp_dealloc, (void *)public_dealloc}, {0, NULL}};
static PyType_Spec public_spec = {
    .name = "egov_sdk.crypto._native._kernel.PublicKey",
    .basicsize = sizeof(public_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = public_slots,
};

int kernel_add_sm2(PyObject *module, kernel_state *state)
{
    state->private_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &private_spec, NULL);
    if (!state->private_type || PyModule_AddType(module, state->private_type) < 0) return -1;
    state->public_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &public_spec, NULL);
    if (!state->public_type || PyModule_AddType(module, state->public_type) < 0) return -1;
    return PyModule_AddFunctions(module, methods);
}
