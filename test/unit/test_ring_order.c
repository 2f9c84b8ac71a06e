/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * IN_ORDER [virtio 2.7.9, 2.8.8]: batches of used entries, in both formats, indirect
 * and direct; what the driver owes the device; a device that does not keep its word.
 */

#include "ring_model.h"

#define SIZE 16

#define ORDER_KINDS(k) ALL_KINDS(k) if ((k) & VCRYPTO_RING_F_IN_ORDER)

static void
create(struct model *m, unsigned int kind)
{
	model_create(m, (enum vcrypto_ring_kind)kind, SIZE, 4,
			features_of(kind, MODEL_F_VERSION_1));
}

/*
 * Every split of eight requests into batches of one to eight, collected n at a time: all come
 * out in the order of issue, each once, with the length of the last of each batch.
 */
static void
test_every_batch(void **state)
{
	unsigned int kind, cut, at, nb, i, per;
	uint16_t slots[SIZE], done[SIZE], want[8];
	uint32_t lens[SIZE], want_lens[8];
	struct model m;
	int ret;

	(void)state;
	ORDER_KINDS(kind) {
		create(&m, kind);
		for (cut = 0; cut < 128; cut++) {
			per = 1 + cut % 9;
			assert_int_equal(add_n(&m, cut % 8, 8, 1 + cut % 2), 8);
			m.ops->publish(&m.ring);
			assert_int_equal(model_take(&m), 8);
			/* Bit i: a batch ends after request i; the last one ends one always. */
			for (at = 0; at < 8; at += nb) {
				for (nb = 1; at + nb < 8 && !(cut >> (at + nb - 1) & 1); nb++)
					;
				model_complete_batch(&m, nb, &want[at]);
				for (i = at; i < at + nb; i++)
					want_lens[i] = i + 1 < at + nb ? VCRYPTO_RING_LEN_UNKNOWN :
							MODEL_USED_LEN(want[i]);
			}
			for (at = 0; at < 8; at += (unsigned int)ret) {
				ret = m.ops->get(&m.ring, &done[at], lens, (uint16_t)per);
				assert_int_equal(ret, RTE_MIN(per, 8 - at));
				for (i = 0; i < (unsigned int)ret; i++)
					assert_int_equal(lens[i], want_lens[at + i]);
			}
			assert_memory_equal(done, want, sizeof(want));
			assert_int_equal(m.ops->get(&m.ring, slots, NULL, SIZE), 0);
			if (m.direct)
				assert_int_equal(m.ops->room(&m.ring), SIZE);
		}
		model_judge(&m, "batch");
		model_destroy(&m);
	}
}

/* The whole ring as one batch, again and again. */
static void
test_full_batch(void **state)
{
	uint16_t slots[SIZE], want[SIZE];
	unsigned int kind, round;
	struct model m;

	(void)state;
	ORDER_KINDS(kind) {
		create(&m, kind);
		for (round = 0; round < 20; round++) {
			assert_int_equal(add_n(&m, 0, SIZE, 1), SIZE);
			m.ops->publish(&m.ring);
			assert_int_equal(model_take(&m), SIZE);
			model_complete_batch(&m, SIZE, want);
			assert_int_equal(m.ops->get(&m.ring, slots, NULL, SIZE), SIZE);
			assert_memory_equal(slots, want, sizeof(want));
		}
		model_judge(&m, "full batch");
		model_destroy(&m);
	}
}

/* One slot, used again and again, as the control queue does: descriptors go round all the same. */
static void
test_one_slot(void **state)
{
	unsigned int kind, i;
	struct model m;
	uint16_t slot;

	(void)state;
	ORDER_KINDS(kind) {
		create(&m, kind);
		for (i = 0; i < 5 * SIZE; i++) {
			assert_int_equal(add_n(&m, 3, 1, 1 + i % 4), 1);
			m.ops->publish(&m.ring);
			assert_int_equal(model_take(&m), 1);
			model_complete(&m, 1, NULL, NULL);
			assert_int_equal(m.ops->get(&m.ring, &slot, NULL, 1), 1);
			assert_int_equal(slot, 3);
			/* The model judges the order of descriptors. */
			model_judge(&m, "one slot");
		}
		model_destroy(&m);
	}
}

/* A used entry for a later request stands for those before it, too. */
static void
test_partial_batch(void **state)
{
	uint16_t slots[SIZE];
	unsigned int kind;
	struct model m;

	(void)state;
	ORDER_KINDS(kind) {
		create(&m, kind);
		assert_int_equal(add_n(&m, 0, 5, 2), 5);
		m.ops->publish(&m.ring);
		assert_int_equal(model_take(&m), 5);
		model_complete_batch(&m, 3, slots);
		assert_int_equal(m.ops->get(&m.ring, slots, NULL, 2), 2);
		assert_int_equal(slots[0], 0);
		assert_int_equal(slots[1], 1);
		/* What is announced and not yet collected comes back by reclaim, as the rest. */
		check_reclaim(&m, 1u << 2 | 1u << 3 | 1u << 4, "partial batch");
		model_destroy(&m);
	}
}

/* The split ring's index must say the same as the id. */
static void
test_split_index_disagrees(void **state)
{
	uint16_t slots[SIZE];
	unsigned int kind, by;
	struct model m;

	(void)state;
	SPLIT_KINDS(kind) {
		if (!(kind & VCRYPTO_RING_F_IN_ORDER))
			continue;
		for (by = 0; by < 3; by++) {
			create(&m, kind);
			assert_int_equal(add_n(&m, 0, 5, 2), 5);
			m.ops->publish(&m.ring);
			assert_int_equal(model_take(&m), 5);
			/* The fourth is used, but the index moves by one, two or three. */
			model_used_put(&m, 0, m.held[3].id, 0);
			model_store_idx(m.used, 2, (uint16_t)(by + 1));
			assert_int_equal(m.ops->get(&m.ring, slots, NULL, SIZE), -EIO);
			assert_int_equal(m.ring.broken, VCRYPTO_RING_NOT_IN_ORDER);
			check_reclaim(&m, 0x1f, "index disagrees");
			model_destroy(&m);
		}
	}
}

/* Out of order after all: found where the device comes back to what it left out. */
static void
test_out_of_order(void **state)
{
	uint16_t slots[SIZE];
	unsigned int kind;
	struct model m;

	(void)state;
	ORDER_KINDS(kind) {
		create(&m, kind);
		assert_int_equal(add_n(&m, 0, 3, 1), 3);
		m.ops->publish(&m.ring);
		assert_int_equal(model_take(&m), 3);
		if (m.packed) {
			/* Where a batch of two would have its end. */
			packed_used_put(&m, m.held[1].id, 0, 2);
			packed_used_put(&m, m.held[0].id, 0, 1);
			packed_used_publish(&m);
			assert_int_equal(m.ops->get(&m.ring, slots, NULL, SIZE), 2);
		} else {
			model_used_put(&m, 0, m.held[1].id, 0);
			model_store_idx(m.used, 2, 1);
		}
		assert_int_equal(m.ops->get(&m.ring, slots, NULL, SIZE), -EIO);
		assert_int_equal(m.ring.broken, m.packed ? VCRYPTO_RING_NOT_ISSUED :
				VCRYPTO_RING_NOT_IN_ORDER);
		model_destroy(&m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_batch),
		cmocka_unit_test(test_full_batch),
		cmocka_unit_test(test_one_slot),
		cmocka_unit_test(test_partial_batch),
		cmocka_unit_test(test_split_index_disagrees),
		cmocka_unit_test(test_out_of_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
