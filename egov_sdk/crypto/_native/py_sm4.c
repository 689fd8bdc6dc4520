/* SM4 for Python: keys, whole messages in each mode, and GCM in parts. */
#include "py_kernel.h"
#include "sm4.h"

static const sm4_engine *engine_in_use;
static const ghash_engine *ghash_in_use;

void kernel_choose_sm4(void)
{
    engine_in_use = sm4_choose(kernel_features);
    ghash_in_use = ghash_choose(kernel_features);
}

const char *kernel_sm4_name(void)
{
    return engine_in_use->name;
}

const char *kernel_ghash_name(void)
{
    return ghash_in_use->name;
}

typedef struct {
    PyObject_HEAD
    sm4_key key;
} key_object;

typedef struct {
    PyObject_HEAD
    key_object *key;
    sm4_gcm gcm;
    int finished;
} stream_object;

static void key_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    secret_wipe(&((key_object *)self)->key, sizeof(sm4_key));
    PyObject_Free(self);
    Py_DECREF(type);
}

static void stream_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    stream_object *stream = (stream_object *)self;
    secret_wipe(&stream->gcm, sizeof stream->gcm);
    Py_CLEAR(stream->key);
    PyObject_Free(self);
    Py_DECREF(type);
}

static const sm4_key *as_key(PyObject *module, PyObject *object)
{
    if (PyObject_TypeCheck(object, state_of(module)->sm4_key_type)) return &((key_object *)object)->key;
    PyErr_SetString(PyExc_TypeError, "not an SM4 key of this kernel");
    return NULL;
}

static PyObject *new_key(PyObject *module, PyObject *argument)
{
    uint8_t octets[SM4_BLOCK];
    if (!kernel_copy(octets, argument, SM4_BLOCK, "an SM4 key")) return NULL;
    key_object *self = PyObject_New(key_object, state_of(module)->sm4_key_type);
    if (self) sm4_prepare(&self->key, engine_in_use, ghash_in_use, octets);
    secret_wipe(octets, sizeof octets);
    return (PyObject *)self;
}

/* One message on its way through a mode: what comes in, and the bytes object that goes out. */
typedef struct {
    Py_buffer in;
    PyObject *result;
    uint8_t *out;
} passage;

/* Takes hold of the input and makes room for it and `more` octets; returns 0 with an error set. */
static int begin(passage *p, PyObject *data, Py_ssize_t more)
{
    if (PyObject_GetBuffer(data, &p->in, PyBUF_SIMPLE) < 0) return 0;
    if (p->in.len + more < 0 || p->in.len > PY_SSIZE_T_MAX - 2 * SM4_BLOCK) {
        p->result = NULL;
        PyErr_SetString(PyExc_ValueError, "too short or too long for this mode");
    } else {
        p->result = PyBytes_FromStringAndSize(NULL, p->in.len + more);
    }
    if (!p->result) {
        PyBuffer_Release(&p->in);
        return 0;
    }
    p->out = (uint8_t *)PyBytes_AsString(p->result);
    return 1;
}

static PyObject *end(passage *p)
{
    PyBuffer_Release(&p->in);
    return p->result;
}

static int whole_blocks(passage *p)
{
    if (p->in.len % SM4_BLOCK == 0) return 1;
    PyErr_Format(PyExc_ValueError, "the data must be whole blocks of 16 bytes, got %zd", p->in.len);
    Py_CLEAR(p->result);
    return 0;
}

/* (key, data, decrypt) */
static PyObject *ecb(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    passage p;
    if (!kernel_count("sm4_ecb", count, 3)) return NULL;
    const sm4_key *key = as_key(module, args[0]);
    int decrypt = key ? PyObject_IsTrue(args[2]) : -1;
    if (decrypt < 0 || !begin(&p, args[1], 0)) return NULL;
    if (whole_blocks(&p)) {
        const uint32_t *round_keys = decrypt ? key->decrypt : key->encrypt;
        RUN(p.in.len, key->engine->crypt(round_keys, p.out, p.in.buf, NULL, (size_t)p.in.len / SM4_BLOCK));
    }
    return end(&p);
}

typedef void (*cbc_function)(const sm4_key *, uint8_t *, const uint8_t *, uint8_t[SM4_BLOCK], size_t);

/* (key, iv, data) */
static PyObject *cbc(PyObject *module, PyObject *const *args, Py_ssize_t count, cbc_function run)
{
    passage p;
    uint8_t iv[SM4_BLOCK];
    if (!kernel_count("sm4_cbc", count, 3)) return NULL;
    const sm4_key *key = as_key(module, args[0]);
    if (!key || !kernel_copy(iv, args[1], SM4_BLOCK, "the IV") || !begin(&p, args[2], 0)) return NULL;
    if (whole_blocks(&p)) RUN(p.in.len, run(key, p.out, p.in.buf, iv, (size_t)p.in.len / SM4_BLOCK));
    return end(&p);
}

static PyObject *cbc_encrypt(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    return cbc(module, args, count, sm4_cbc_encrypt);
}

static PyObject *cbc_decrypt(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    return cbc(module, args, count, sm4_cbc_decrypt);
}

/* (key, counter, skip, data) */
static PyObject *ctr(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    passage p;
    uint8_t counter[SM4_BLOCK];
    if (!kernel_count("sm4_ctr", count, 4)) return NULL;
    const sm4_key *key = as_key(module, args[0]);
    if (!key || !kernel_copy(counter, args[1], SM4_BLOCK, "the counter block")) return NULL;
    size_t skip = PyLong_AsSize_t(args[2]);
    if (skip == (size_t)-1 && PyErr_Occurred()) return NULL;
    if (skip >= SM4_BLOCK) {
        PyErr_SetString(PyExc_ValueError, "skip must be 0 to 15");
        return NULL;
    }
    if (!begin(&p, args[3], 0)) return NULL;
    RUN(p.in.len, sm4_ctr(key, p.out, p.in.buf, counter, skip, (size_t)p.in.len));
    return end(&p);
}

/* Whether two tags agree in their first octets, in a time that does not tell where they differ. */
static int tags_agree(const uint8_t *a, const uint8_t *b, size_t length)
{
    uint8_t differ = 0;
    for (size_t i = 0; i < length; i++) differ |= a[i] ^ b[i];
    return (int)ct_is_zero(differ);
}

/* What GCM and CCM share: key, nonce, data, associated data, tag length. */
typedef struct {
    const sm4_key *key;
    Py_buffer nonce, associated;
    size_t tag_length;
} aead;

static int begin_aead(aead *a, PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    if (!kernel_count("SM4 AEAD", count, 5)) return 0;
    a->key = as_key(module, args[0]);
    if (!a->key) return 0;
    a->tag_length = PyLong_AsSize_t(args[4]);
    if (a->tag_length == (size_t)-1 && PyErr_Occurred()) return 0;
    if (a->tag_length < 4 || a->tag_length > SM4_BLOCK) {
        PyErr_SetString(PyExc_ValueError, "a tag has 4 to 16 bytes");
        return 0;
    }
    if (PyObject_GetBuffer(args[1], &a->nonce, PyBUF_SIMPLE) < 0) return 0;
    if (PyObject_GetBuffer(args[3], &a->associated, PyBUF_SIMPLE) == 0) return 1;
    PyBuffer_Release(&a->nonce);
    return 0;
}

static PyObject *end_aead(aead *a, PyObject *result)
{
    PyBuffer_Release(&a->associated);
    PyBuffer_Release(&a->nonce);
    return result;
}

/* Ends a decryption: the text if the tag is right, otherwise None and no text. */
static PyObject *judged(passage *p, const aead *a, const uint8_t tag[SM4_BLOCK], size_t length)
{
    const uint8_t *stated = (const uint8_t *)p->in.buf + length;
    if (!tags_agree(tag, stated, a->tag_length)) {
        secret_wipe(p->out, length);
        Py_CLEAR(p->result);
        p->result = Py_NewRef(Py_None);
    }
    return end(p);
}

static int gcm_allows(const aead *a, uint64_t length)
{
    if (a->nonce.len > 0 && length <= SM4_GCM_MAX) return 1;
    PyErr_SetString(PyExc_ValueError, "the nonce is empty, or the data is longer than 2^36 - 32 bytes");
    return 0;
}

static void gcm_whole(const aead *a, uint8_t *out, const uint8_t *in, size_t length, uint8_t tag[SM4_BLOCK], int decrypt)
{
    sm4_gcm gcm;
    sm4_gcm_start(&gcm, a->key, a->nonce.buf, (size_t)a->nonce.len);
    sm4_gcm_associate(&gcm, a->key, a->associated.buf, (size_t)a->associated.len);
    (decrypt ? sm4_gcm_decrypt : sm4_gcm_encrypt)(&gcm, a->key, out, in, length);
    sm4_gcm_finish(&gcm, a->key, tag);
}

static PyObject *gcm_encrypt(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    aead a;
    passage p;
    uint8_t tag[SM4_BLOCK];
    if (!begin_aead(&a, module, args, count)) return NULL;
    if (!begin(&p, args[2], (Py_ssize_t)a.tag_length)) return end_aead(&a, NULL);
    size_t length = (size_t)p.in.len;
    if (gcm_allows(&a, length)) {
        RUN(length, gcm_whole(&a, p.out, p.in.buf, length, tag, 0));
        memcpy(p.out + length, tag, a.tag_length);
    } else {
        Py_CLEAR(p.result);
    }
    return end_aead(&a, end(&p));
}

static PyObject *gcm_decrypt(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    aead a;
    passage p;
    uint8_t tag[SM4_BLOCK];
    if (!begin_aead(&a, module, args, count)) return NULL;
    if (!begin(&p, args[2], -(Py_ssize_t)a.tag_length)) return end_aead(&a, NULL);
    size_t length = (size_t)p.in.len - a.tag_length;
    if (!gcm_allows(&a, length)) {
        Py_CLEAR(p.result);
        return end_aead(&a, end(&p));
    }
    RUN(length, gcm_whole(&a, p.out, p.in.buf, length, tag, 1));
    return end_aead(&a, judged(&p, &a, tag, length));
}

static int ccm_allows(sm4_ccm *ccm, const aead *a, uint64_t length)
{
    *ccm = (sm4_ccm){a->nonce.buf, a->associated.buf, (size_t)a->nonce.len, (size_t)a->associated.len, a->tag_length};
    size_t width = 15 - ccm->nonce_length;
    if (ccm->nonce_length >= 7 && ccm->nonce_length <= 13 && !(a->tag_length & 1) &&
        (width >= 8 || length >> 8 * width == 0)) {
        return 1;
    }
    PyErr_SetString(PyExc_ValueError, "CCM takes a nonce of 7 to 13 bytes, a tag of even length, and no longer data");
    return 0;
}

static PyObject *ccm_encrypt(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    aead a;
    passage p;
    sm4_ccm ccm;
    uint8_t tag[SM4_BLOCK];
    if (!begin_aead(&a, module, args, count)) return NULL;
    if (!begin(&p, args[2], (Py_ssize_t)a.tag_length)) return end_aead(&a, NULL);
    size_t length = (size_t)p.in.len;
    if (ccm_allows(&ccm, &a, length)) {
        RUN(length, sm4_ccm_encrypt(a.key, &ccm, p.out, p.in.buf, length, tag));
        memcpy(p.out + length, tag, a.tag_length);
    } else {
        Py_CLEAR(p.result);
    }
    return end_aead(&a, end(&p));
}

static PyObject *ccm_decrypt(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    aead a;
    passage p;
    sm4_ccm ccm;
    uint8_t tag[SM4_BLOCK];
    if (!begin_aead(&a, module, args, count)) return NULL;
    if (!begin(&p, args[2], -(Py_ssize_t)a.tag_length)) return end_aead(&a, NULL);
    size_t length = (size_t)p.in.len - a.tag_length;
    if (!ccm_allows(&ccm, &a, length)) {
        Py_CLEAR(p.result);
        return end_aead(&a, end(&p));
    }
    RUN(length, sm4_ccm_decrypt(a.key, &ccm, p.out, p.in.buf, length, tag));
    return end_aead(&a, judged(&p, &a, tag, length));
}

/* (key, nonce, associated data) */
static PyObject *gcm_start(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Py_buffer nonce, associated;
    stream_object *self = NULL;
    if (!kernel_count("sm4_gcm_start", count, 3)) return NULL;
    const sm4_key *key = as_key(module, args[0]);
    if (!key || PyObject_GetBuffer(args[1], &nonce, PyBUF_SIMPLE) < 0) return NULL;
    if (nonce.len == 0) {
        PyErr_SetString(PyExc_ValueError, "the nonce is empty");
    } else if (PyObject_GetBuffer(args[2], &associated, PyBUF_SIMPLE) == 0) {
        self = PyObject_New(stream_object, state_of(module)->sm4_stream_type);
        if (self) {
            self->key = (key_object *)Py_NewRef(args[0]);
            self->finished = 0;
            sm4_gcm_start(&self->gcm, key, nonce.buf, (size_t)nonce.len);
            sm4_gcm_associate(&self->gcm, key, associated.buf, (size_t)associated.len);
        }
        PyBuffer_Release(&associated);
    }
    PyBuffer_Release(&nonce);
    return (PyObject *)self;
}

static PyObject *stream_crypt(PyObject *object, PyObject *argument, int decrypt)
{
    stream_object *self = (stream_object *)object;
    passage p;
    if (self->finished) {
        PyErr_SetString(PyExc_ValueError, "this stream has finished");
        return NULL;
    }
    if (!begin(&p, argument, 0)) return NULL;
    size_t length = (size_t)p.in.len;
    if (length > SM4_GCM_MAX || self->gcm.length > SM4_GCM_MAX - length) {
        PyErr_SetString(PyExc_ValueError, "GCM takes at most 2^36 - 32 bytes");
        Py_CLEAR(p.result);
        return end(&p);
    }
    sm4_gcm gcm = self->gcm; /* a state of our own: two threads in one stream spoil it, but no memory */
    const sm4_key *key = &self->key->key;
    RUN(length, (decrypt ? sm4_gcm_decrypt : sm4_gcm_encrypt)(&gcm, key, p.out, p.in.buf, length));
    self->gcm = gcm;
    secret_wipe(&gcm, sizeof gcm);
    return end(&p);
}

static PyObject *stream_encrypt(PyObject *self, PyObject *argument)
{
    return stream_crypt(self, argument, 0);
}

static PyObject *stream_decrypt(PyObject *self, PyObject *argument)
{
    return stream_crypt(self, argument, 1);
}

static PyObject *stream_finish(PyObject *object, PyObject *unused)
{
    stream_object *self = (stream_object *)object;
    uint8_t tag[SM4_BLOCK];
    (void)unused;
    if (self->finished) {
        PyErr_SetString(PyExc_ValueError, "this stream has finished");
        return NULL;
    }
    self->finished = 1;
    sm4_gcm_finish(&self->gcm, &self->key->key, tag);
    return kernel_bytes(tag, sizeof tag);
}

static PyObject *is_fast_alone(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyBool_FromLong(engine_in_use->fast_alone);
}

#define FAST(function) (PyCFunction)(void (*)(void))(function), METH_FASTCALL

static PyMethodDef methods[] = {
    {"sm4_key", new_key, METH_O, "A key object for 16 bytes."},
    {"sm4_ecb", FAST(ecb), "(key, data, decrypt) -> whole blocks, each on its own."},
    {"sm4_cbc_encrypt", FAST(cbc_encrypt), "(key, iv, data) -> whole blocks."},
    {"sm4_cbc_decrypt", FAST(cbc_decrypt), "(key, iv, data) -> whole blocks."},
    {"sm4_ctr", FAST(ctr), "(key, counter, skip, data) -> data with the key stream from octet `skip` (0 to 15) on."},
    {"sm4_gcm_encrypt", FAST(gcm_encrypt), "(key, nonce, data, associated, tag length) -> ciphertext and tag."},
    {"sm4_gcm_decrypt", FAST(gcm_decrypt), "(key, nonce, data and tag, associated, tag length) -> plaintext or None."},
    {"sm4_ccm_encrypt", FAST(ccm_encrypt), "(key, nonce, data, associated, tag length) -> ciphertext and tag."},
    {"sm4_ccm_decrypt", FAST(ccm_decrypt), "(key, nonce, data and tag, associated, tag length) -> plaintext or None."},
    {"sm4_gcm_start", FAST(gcm_start), "(key, nonce, associated) -> a stream that takes the text in parts."},
    {"sm4_is_fast_alone", is_fast_alone, METH_NOARGS, "Whether one block at a time is fast: CBC encryption and CCM."},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef stream_methods[] = {
    {"encrypt", stream_encrypt, METH_O, "Encrypt the next part."},
    {"decrypt", stream_decrypt, METH_O, "Decrypt the next part: not to be trusted before the tag was compared."},
    {"finish", stream_finish, METH_NOARGS, "The tag, 16 bytes."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot key_slots[] = {{Py_tp_dealloc, (void *)key_dealloc}, {0, NULL}};
static PyType_Spec key_spec = {
    .name = "egov_sdk.crypto._native._kernel.SM4Key",
    .basicsize = sizeof(key_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = key_slots,
};

static PyType_Slot stream_slots[] = {
    {Py_tp_dealloc, (void *)stream_dealloc},
    {Py_tp_methods, stream_methods},
    {0, NULL},
};
static PyType_Spec stream_spec = {
    .name = "egov_sdk.crypto._native._kernel.SM4GCMStream",
    .basicsize = sizeof(stream_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = stream_slots,
};

int kernel_add_sm4(PyObject *module, kernel_state *state)
{
    state->sm4_key_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &key_spec, NULL);
    if (!state->sm4_key_type || PyModule_AddType(module, state->sm4_key_type) < 0) return -1;
    state->sm4_stream_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &stream_spec, NULL);
    if (!state->sm4_stream_type || PyModule_AddType(module, state->sm4_stream_type) < 0) return -1;
    return PyModule_AddFunctions(module, methods);
}
