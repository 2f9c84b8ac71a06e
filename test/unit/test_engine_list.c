/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Several engines behind one, with engines that do nothing but what a test tells them: who
 * gets a session and an operation, what happens when an engine is full or cannot, and that
 * sessions, keys and operations' rooms are in order.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"

#define MAX_FAKES 3
#define MAX_INFLIGHT 16
#define MAX_OPS 12
#define PRIV_MARK 0x77

struct fake_session {
	int fake;
	uint8_t key[16];
};

struct fake {
	struct vhc_engine base;
	struct vhc_engine_ops ops;
	int id;
	int check;          /* what check() says */
	int create;         /* what session_create() says, if check() is content */
	uint32_t cannot;    /* comes back with NOTSUPP: operations of this length */
	unsigned int room;  /* operations that it takes */
	struct vhc_engine_op *inflight[MAX_INFLIGHT];
	unsigned int nb_inflight;
	unsigned int nb_polls;
	unsigned int nb_created;
	unsigned int nb_sessions;
	unsigned int nb_ops;
	unsigned int nb_destroyed;
	bool dirty; /* got an operation whose room was neither zero nor its own */
};

struct fixture {
	struct fake fake[MAX_FAKES];
	struct vhc_engine *list;
	struct vhc_engine_op op[MAX_OPS];
	uint8_t digest[MAX_OPS][VHC_DIGEST_MAX_LEN];
};

static void
fake_caps(const struct vhc_engine *base, struct vhc_engine_caps *caps)
{
	const struct fake *f = (const struct fake *)base;

	memset(caps, 0, sizeof(*caps));
	caps->cipher_algo = UINT64_C(1) << (f->id + 40);
	caps->chain_hash_algo = UINT32_C(1) << (f->id + 20);
	caps->chain_mac_algo = UINT64_C(1) << (f->id + 41);
	caps->hash_algo = UINT32_C(1) << (f->id + 21);
	caps->mac_algo = UINT64_C(1) << (f->id + 42);
	caps->aead_algo = UINT32_C(1) << (f->id + 22);
	caps->max_cipher_key_len = 32 - (uint32_t)f->id;
	caps->max_auth_key_len = 64 + (uint32_t)f->id;
	caps->sgl = f->id != 1;
}

static int
fake_check(const struct vhc_engine *base, const struct vhc_sym_params *p)
{
	(void)p;
	return ((const struct fake *)base)->check;
}

static int
fake_session_create(struct vhc_engine *base, const struct vhc_sym_params *p, void **session)
{
	struct fake *f = (struct fake *)base;
	struct fake_session *s;

	f->nb_created++;
	if (f->check < 0 || f->create != 0)
		return f->check < 0 ? f->check : f->create;
	s = calloc(1, sizeof(*s));
	assert_non_null(s);
	s->fake = f->id;
	memcpy(s->key, p->key, p->key_len);
	f->nb_sessions++;
	*session = s;
	return 0;
}

static void
fake_session_destroy(struct vhc_engine *base, void *session)
{
	struct fake *f = (struct fake *)base;

	assert_int_equal(((struct fake_session *)session)->fake, f->id);
	f->nb_sessions--;
	free(session);
}

static const char *
fake_session_engine(const struct vhc_engine *base, const void *session)
{
	assert_int_equal(((const struct fake_session *)session)->fake,
			((const struct fake *)base)->id);
	return ((const struct fake *)base)->ops.name;
}

static uint16_t
fake_enqueue(struct vhc_engine *base, uint16_t queue, struct vhc_engine_op **ops, uint16_t nb)
{
	struct fake *f = (struct fake *)base;
	uint8_t *priv;
	uint16_t i;
	size_t k;

	assert_int_equal(queue, 7);
	assert_true(nb > 0);
	for (i = 0; i < nb && f->nb_inflight < f->room; i++) {
		assert_int_equal(((struct fake_session *)ops[i]->session)->fake, f->id);
		priv = ops[i]->priv;
		for (k = 0; k < f->ops.op_priv_len; k++) {
			if (priv[k] != 0 && priv[k] != PRIV_MARK + f->id)
				f->dirty = true;
		}
		memset(priv, PRIV_MARK + f->id, f->ops.op_priv_len);
		/* The operation is the engine's now. */
		ops[i]->next = ops[i];
		f->inflight[f->nb_inflight++] = ops[i];
		f->nb_ops++;
	}
	return i;
}

static uint16_t
fake_dequeue(struct vhc_engine *base, uint16_t queue, struct vhc_engine_op **ops, uint16_t nb)
{
	struct fake *f = (struct fake *)base;
	uint16_t n = 0;

	assert_int_equal(queue, 7);
	f->nb_polls++;
	for (; n < nb && f->nb_inflight != 0; n++) {
		ops[n] = f->inflight[0];
		memmove(f->inflight, f->inflight + 1,
				--f->nb_inflight * sizeof(f->inflight[0]));
		ops[n]->status = f->cannot != 0 && ops[n]->len == f->cannot
				? VIRTIO_CRYPTO_NOTSUPP : VIRTIO_CRYPTO_OK;
		ops[n]->digest[0] = (uint8_t)f->id;
		ops[n]->digest[1] = ((struct fake_session *)ops[n]->session)->key[0];
	}
	return n;
}

static void
fake_destroy(struct vhc_engine *base)
{
	((struct fake *)base)->nb_destroyed++;
}

static int
set_up(void **state)
{
	static const char *const names[MAX_FAKES] = {"one", "two", "three"};
	static const size_t priv_lens[MAX_FAKES] = {40, 200, 0};
	struct fixture *t = calloc(1, sizeof(*t));
	struct vhc_engine *e[MAX_FAKES];
	struct fake *f;
	int i;

	assert_non_null(t);
	for (i = 0; i < MAX_FAKES; i++) {
		f = &t->fake[i];
		f->id = i;
		f->room = MAX_INFLIGHT;
		f->base.ops = &f->ops;
		f->ops = (struct vhc_engine_ops){
				.name = names[i],
				.op_priv_len = priv_lens[i],
				.caps = fake_caps,
				.check = fake_check,
				.session_create = fake_session_create,
				.session_destroy = fake_session_destroy,
				.session_engine = fake_session_engine,
				.enqueue = fake_enqueue,
				.dequeue = fake_dequeue,
				.destroy = fake_destroy,
		};
		e[i] = &f->base;
	}
	t->list = vhc_engine_list_create(e, MAX_FAKES);
	assert_non_null(t->list);
	for (i = 0; i < MAX_OPS; i++) {
		t->op[i].priv = aligned_alloc(64, (t->list->ops->op_priv_len + 63) & ~(size_t)63);
		memset(t->op[i].priv, 0, t->list->ops->op_priv_len);
		t->op[i].digest = t->digest[i];
		t->op[i].len = 1;
	}
	*state = t;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *t = *state;
	int i;

	t->list->ops->destroy(t->list);
	for (i = 0; i < MAX_FAKES; i++) {
		assert_int_equal(t->fake[i].nb_destroyed, 1);
		assert_int_equal(t->fake[i].nb_sessions, 0);
		assert_int_equal(t->fake[i].nb_inflight, 0);
		assert_false(t->fake[i].dirty);
	}
	for (i = 0; i < MAX_OPS; i++)
		free(t->op[i].priv);
	free(t);
	return 0;
}

/* A session of engine @p id, if that takes it; its key is @p mark. */
static void *
session(struct fixture *t, int id, uint8_t mark)
{
	uint8_t key[16];
	struct vhc_sym_params p = {.kind = VHC_SYM_CIPHER, .key = key, .key_len = sizeof(key)};
	int saved[MAX_FAKES], i;
	void *s;

	memset(key, mark, sizeof(key));
	for (i = 0; i < MAX_FAKES; i++) {
		saved[i] = t->fake[i].check;
		if (i < id)
			t->fake[i].check = -ENOTSUP;
	}
	assert_int_equal(t->list->ops->session_create(t->list, &p, &s), 0);
	/* What was the caller's is gone. */
	memset(key, 0, sizeof(key));
	for (i = 0; i < MAX_FAKES; i++)
		t->fake[i].check = saved[i];
	assert_string_equal(t->list->ops->session_engine(t->list, s), t->fake[id].ops.name);
	return s;
}

static unsigned int
drain(struct fixture *t)
{
	struct vhc_engine_op *back[MAX_OPS];
	unsigned int n = 0;
	uint16_t got;

	do {
		got = t->list->ops->dequeue(t->list, 7, back, MAX_OPS);
		n += got;
	} while (got != 0);
	return n;
}

static void
test_caps(void **state)
{
	struct fixture *t = *state;
	struct vhc_engine_caps c;

	t->list->ops->caps(t->list, &c);
	assert_int_equal(c.cipher_algo, UINT64_C(7) << 40);
	assert_int_equal(c.chain_hash_algo, 7u << 20);
	assert_int_equal(c.chain_mac_algo, UINT64_C(7) << 41);
	assert_int_equal(c.hash_algo, 7u << 21);
	assert_int_equal(c.mac_algo, UINT64_C(7) << 42);
	assert_int_equal(c.aead_algo, 7u << 22);
	assert_int_equal(c.max_cipher_key_len, 32);
	assert_int_equal(c.max_auth_key_len, 66);
	assert_false(c.sgl);
	/* Room for the greatest, and for what is the list's. */
	assert_true(t->list->ops->op_priv_len > 200);
}

static void
test_first_wins(void **state)
{
	struct fixture *t = *state;
	struct vhc_sym_params p = {.kind = VHC_SYM_CIPHER, .key = t->digest[0], .key_len = 16};
	void *s;

	t->fake[0].check = -ENOTSUP;
	t->fake[1].check = 9;
	t->fake[2].check = 8;
	assert_int_equal(t->list->ops->check(t->list, &p), 9);
	assert_int_equal(t->list->ops->session_create(t->list, &p, &s), 0);
	assert_string_equal(t->list->ops->session_engine(t->list, s), "two");
	t->list->ops->session_destroy(t->list, s);

	/* The length is another's matter, and so is a key that is refused. */
	t->fake[0].check = -EINVAL;
	t->fake[1].create = -EINVAL;
	assert_int_equal(t->list->ops->check(t->list, &p), 9);
	assert_int_equal(t->list->ops->session_create(t->list, &p, &s), 0);
	assert_string_equal(t->list->ops->session_engine(t->list, s), "three");
	t->list->ops->session_destroy(t->list, s);
	t->list->ops->session_destroy(t->list, NULL);
}

static void
test_most_telling(void **state)
{
	static const struct {
		int check[MAX_FAKES], create[MAX_FAKES], checked, created;
	} cases[] = {
		{{-ENOTSUP, -ENOTSUP, -ENOTSUP}, {0}, -ENOTSUP, -ENOTSUP},
		{{-EINVAL, -ENOTSUP, -ENOTSUP}, {0}, -EINVAL, -EINVAL},
		{{-ENOTSUP, -ENOTSUP, -EINVAL}, {0}, -EINVAL, -EINVAL},
		{{-EINVAL, 16, -ENOTSUP}, {0, -ENOSPC, 0}, 16, -ENOSPC},
		{{16, -EINVAL, 16}, {-ENOMEM, 0, -EINVAL}, 16, -ENOMEM},
		{{16, 16, 16}, {-ENOMEM, -ENOSPC, -EINVAL}, 16, -ENOSPC},
	};
	struct fixture *t = *state;
	struct vhc_sym_params p = {.kind = VHC_SYM_CIPHER, .key = t->digest[0], .key_len = 16};
	unsigned int i, k;
	void *s;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (k = 0; k < MAX_FAKES; k++) {
			t->fake[k].check = cases[i].check[k];
			t->fake[k].create = cases[i].create[k];
		}
		assert_int_equal(t->list->ops->check(t->list, &p), cases[i].checked);
		assert_int_equal(t->list->ops->session_create(t->list, &p, &s), cases[i].created);
	}
}

/* Runs go to their engines; where one is full, what was taken is a prefix. */
static void
test_prefix(void **state)
{
	struct fixture *t = *state;
	struct vhc_engine_op *ops[6];
	void *a = session(t, 0, 1), *b = session(t, 1, 2);
	void *of[6] = {a, a, b, a, a, b};
	unsigned int i, taken;

	for (i = 0; i < 6; i++) {
		ops[i] = &t->op[i];
		ops[i]->session = of[i];
	}
	t->fake[0].room = 3;
	taken = t->list->ops->enqueue(t->list, 7, ops, 6);
	assert_int_equal(taken, 4);
	assert_int_equal(t->fake[0].nb_inflight, 3);
	assert_int_equal(t->fake[1].nb_inflight, 1);
	/* The others are as they were. */
	assert_ptr_equal(ops[4]->session, a);
	assert_ptr_equal(ops[5]->session, b);
	assert_int_equal(t->list->ops->enqueue(t->list, 7, ops + 4, 2), 0);
	assert_int_equal(drain(t), 4);
	assert_int_equal(t->list->ops->enqueue(t->list, 7, ops + 4, 2), 2);
	assert_int_equal(drain(t), 2);
	for (i = 0; i < 6; i++) {
		assert_int_equal(t->digest[i][0], of[i] == a ? 0 : 1);
		assert_int_equal(t->digest[i][1], of[i] == a ? 1 : 2);
		assert_int_equal(t->op[i].status, VIRTIO_CRYPTO_OK);
		/* So that it can be enqueued again. */
		assert_ptr_equal(t->op[i].session, of[i]);
	}
	t->list->ops->session_destroy(t->list, a);
	t->list->ops->session_destroy(t->list, b);
}

/* Engines that have nothing are left alone. */
static void
test_polls(void **state)
{
	struct fixture *t = *state;
	struct vhc_engine_op *ops[4], *back[4];
	void *b = session(t, 1, 2);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		ops[i] = &t->op[i];
		ops[i]->session = b;
	}
	assert_int_equal(t->list->ops->enqueue(t->list, 7, ops, 4), 4);
	assert_int_equal(t->list->ops->dequeue(t->list, 7, back, 3), 3);
	assert_int_equal(t->list->ops->dequeue(t->list, 7, back, 3), 1);
	assert_int_equal(t->list->ops->dequeue(t->list, 7, back, 3), 0);
	assert_int_equal(t->fake[0].nb_polls, 0);
	assert_int_equal(t->fake[1].nb_polls, 2);
	t->list->ops->session_destroy(t->list, b);
}

/* What an engine cannot do goes to the next that can, with a session made once, of the same key. */
static void
test_hand_on(void **state)
{
	struct fixture *t = *state;
	struct vhc_engine_op *ops[4];
	void *a = session(t, 0, 5);
	unsigned int i, round;

	t->fake[0].cannot = 100;
	t->fake[1].check = -EINVAL;
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 4; i++) {
			ops[i] = &t->op[i];
			ops[i]->session = a;
			ops[i]->len = i % 2 == 0 ? 100 : 1;
		}
		assert_int_equal(t->list->ops->enqueue(t->list, 7, ops, 4), 4);
		assert_int_equal(drain(t), 4);
		for (i = 0; i < 4; i++) {
			assert_int_equal(t->op[i].status, VIRTIO_CRYPTO_OK);
			assert_int_equal(t->digest[i][0], i % 2 == 0 ? 2 : 0);
			assert_int_equal(t->digest[i][1], 5);
			assert_ptr_equal(t->op[i].session, a);
		}
	}
	assert_int_equal(t->fake[1].nb_created, 1);
	assert_int_equal(t->fake[2].nb_created, 1);
	t->list->ops->session_destroy(t->list, a);
}

/* It can be handed on twice, waits where an engine is full, and comes out in the end. */
static void
test_hand_on_full(void **state)
{
	struct fixture *t = *state;
	struct vhc_engine_op *ops[6], *back[6];
	void *a = session(t, 0, 5);
	unsigned int i, done = 0, turns;

	t->fake[0].cannot = t->fake[1].cannot = 100;
	t->fake[1].room = 1;
	t->fake[2].room = 0;
	for (i = 0; i < 6; i++) {
		ops[i] = &t->op[i];
		ops[i]->session = a;
		ops[i]->len = 100;
	}
	assert_int_equal(t->list->ops->enqueue(t->list, 7, ops, 6), 6);
	for (turns = 0; turns < 20; turns++)
		done += t->list->ops->dequeue(t->list, 7, back, 6);
	assert_int_equal(done, 0);
	t->fake[2].room = 2;
	for (turns = 0; turns < 20; turns++)
		done += t->list->ops->dequeue(t->list, 7, back, 6);
	assert_int_equal(done, 6);
	for (i = 0; i < 6; i++) {
		assert_int_equal(t->op[i].status, VIRTIO_CRYPTO_OK);
		assert_int_equal(t->digest[i][0], 2);
	}
	assert_int_equal(t->fake[1].nb_ops, 6);
	t->list->ops->session_destroy(t->list, a);
}

/* Where nobody can, or there is no memory for a session, it says so. */
static void
test_nobody(void **state)
{
	struct fixture *t = *state;
	struct vhc_engine_op *op = &t->op[0];
	void *a = session(t, 0, 5);

	t->fake[0].cannot = 100;
	t->fake[1].create = -ENOMEM;
	op->session = a;
	op->len = 100;
	assert_int_equal(t->list->ops->enqueue(t->list, 7, &op, 1), 1);
	assert_int_equal(drain(t), 1);
	assert_int_equal(op->status, VIRTIO_CRYPTO_ERR);
	/* That was no refusal: the next one is tried again. */
	t->fake[1].create = -ENOTSUP;
	t->fake[2].check = -ENOTSUP;
	assert_int_equal(t->list->ops->enqueue(t->list, 7, &op, 1), 1);
	assert_int_equal(drain(t), 1);
	assert_int_equal(op->status, VIRTIO_CRYPTO_NOTSUPP);
	assert_ptr_equal(op->session, a);
	assert_int_equal(t->fake[1].nb_created, 2);
	/* A refusal is remembered. */
	assert_int_equal(t->list->ops->enqueue(t->list, 7, &op, 1), 1);
	assert_int_equal(drain(t), 1);
	assert_int_equal(t->fake[1].nb_created, 2);
	t->list->ops->session_destroy(t->list, a);
}

static void
test_arguments(void **state)
{
	struct fixture *t = *state;
	struct vhc_engine *many[13];
	unsigned int i;

	assert_null(vhc_engine_list_create(NULL, 0));
	assert_int_equal(errno, EINVAL);
	for (i = 0; i < 13; i++)
		many[i] = &t->fake[0].base;
	assert_null(vhc_engine_list_create(many, 13));
	assert_int_equal(errno, EINVAL);
	assert_int_equal(t->fake[0].nb_destroyed, 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_caps),
		TEST(test_first_wins),
		TEST(test_most_telling),
		TEST(test_prefix),
		TEST(test_polls),
		TEST(test_hand_on),
		TEST(test_hand_on_full),
		TEST(test_nobody),
		TEST(test_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
