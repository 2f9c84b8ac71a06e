/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <inttypes.h>
#include <string.h>

#include <rte_cryptodev.h>
#include <rte_cycles.h>

#include "peers.h"

/* ---- What to ask of an op ---- */

static bool
is_list(const struct layout *l)
{
	return l->nb > 1;
}

static bool
is_block_mode(const struct sess_plan *s)
{
	return s->p.cipher != NULL && s->p.cipher->block > 1;
}

static bool
is_gmac(const struct sess_plan *s)
{
	return s->p.auth != NULL && s->p.auth->algo == RTE_CRYPTO_AUTH_AES_GMAC;
}

static bool
is_aead(const struct sess_plan *s, enum rte_crypto_aead_algorithm algo)
{
	return s->p.aead != NULL && s->p.aead->algo == algo;
}

/* ---- openssl, of DPDK 22.11 ---- */

static bool
list_out(const struct sess_plan *s, const struct op_plan *p)
{
	return p->oop && is_list(&p->dst) && s->p.order != SESS_AUTH;
}

static bool
aead_list(const struct sess_plan *s, const struct op_plan *p)
{
	return (s->p.aead != NULL || is_gmac(s)) && !p->oop && is_list(&p->src);
}

static bool
gmac_list(const struct sess_plan *s, const struct op_plan *p)
{
	return is_gmac(s) && (is_list(&p->src) || (p->oop && is_list(&p->dst)));
}

static bool
ccm_list(const struct sess_plan *s, const struct op_plan *p)
{
	return is_aead(s, RTE_CRYPTO_AEAD_AES_CCM) && is_list(&p->src);
}

static bool
des3_ctr_list(const struct sess_plan *s, const struct op_plan *p)
{
	return s->p.cipher != NULL && s->p.cipher->algo == RTE_CRYPTO_CIPHER_3DES_CTR &&
		is_list(&p->src);
}

/* A block that lies in three segments, or a piece that is no whole block behind a part of one. */
static bool
block_in_pieces(const struct sess_plan *s, const struct op_plan *p)
{
	uint32_t at = 0, from, to, part;
	unsigned int i;

	if (!is_block_mode(s) || p->oop)
		return false;
	for (i = 0; i < p->src.nb; i++) {
		from = RTE_MAX(at, p->cipher.off);
		to = RTE_MIN(at + p->src.seg[i], range_end(&p->cipher));
		part = (from - p->cipher.off) % s->p.cipher->block;
		if (to > from && part != 0 && part + to - from < s->p.cipher->block)
			return true;
		if (at > p->cipher.off && at < range_end(&p->cipher) && p->src.seg[i] == 0)
			return true;
		at += p->src.seg[i];
	}
	return false;
}

static bool
header_list(const struct sess_plan *s, const struct op_plan *p)
{
	return s->p.order == SESS_CIPHER_AUTH && p->oop && p->cipher.off > p->auth.off &&
		(is_list(&p->src) || p->cipher.len == 0 || p->auth.len == 0);
}

static bool
ciphered_out(const struct sess_plan *s, const struct op_plan *p)
{
	return p->place == PLACE_CIPHERED && p->oop && (!s->p.decrypt || !p->holder_dst);
}

static bool
split_digest(const struct sess_plan *s, const struct op_plan *p)
{
	const bool dst = p->place == PLACE_DST || (p->place == PLACE_CIPHERED && p->holder_dst);

	return p->place > PLACE_OUTSIDE && !layout_holds(dst ? &p->dst : &p->src, p->digest,
		s->p.digest_len);
}

/* ---- null ---- */

static bool
out_of_place(const struct sess_plan *s, const struct op_plan *p)
{
	(void)s;
	return p->oop;
}

/* ---- The table ---- */

struct limit {
	bool (*hit)(const struct sess_plan *s, const struct op_plan *p);
	const char *why;
};

struct peer_driver {
	const char *name;
	struct limit limits[12];
};

static const struct peer_driver drivers[] = {
	{"crypto_openssl", {
		{list_out, "writes only one segment out of place, as its feature flags say"},
		{aead_list, "AEAD writes only one segment, in place too, which no flag says"},
		{gmac_list, "GMAC takes its data for one segment"},
		{ccm_list, "CCM gives libcrypto pieces, where that wants all data at once"},
		{des3_ctr_list, "3DES-CTR runs over the end of a segment that ends where the data"
			" begins, and refuses others in place"},
		{block_in_pieces, "in place a block that lies in three segments comes out wrong"},
		{header_list, "copies what is between the ranges as if it were in one segment, and"
			" also where a range is empty"},
		{ciphered_out, "out of place it ciphers the source, where the digest is not"},
		{split_digest, "takes a digest in two segments for one in memory behind the first"},
	}},
	{"crypto_null", {
		{out_of_place, "copies nothing to another packet"},
	}},
};

static uint64_t hits[RTE_DIM(drivers)][12];

/* ---- Devices ---- */

unsigned int
peers_find(uint8_t dut, struct peer *peers)
{
	struct rte_cryptodev_info info;
	unsigned int i, nb = 0;
	uint8_t id;

	for (id = 0; id < RTE_CRYPTO_MAX_DEVS && nb < MAX_PEERS; id++) {
		if (id == dut || !rte_cryptodev_is_valid_dev(id))
			continue;
		rte_cryptodev_info_get(id, &info);
		for (i = 0; i < RTE_DIM(drivers); i++) {
			if (strcmp(info.driver_name, drivers[i].name) != 0)
				continue;
			peers[nb++] = (struct peer){id, drivers[i].name, &drivers[i], 0};
		}
	}
	return nb;
}

bool
peer_has(const struct peer *peer, const struct sess_plan *s)
{
	const struct rte_cryptodev_symmetric_capability *cap;
	struct rte_cryptodev_sym_capability_idx idx;
	const struct sess_params *const p = &s->p;

	if (p->aead != NULL) {
		idx.type = RTE_CRYPTO_SYM_XFORM_AEAD;
		idx.algo.aead = p->aead->algo;
		cap = rte_cryptodev_sym_capability_get(peer->dev, &idx);
		return cap != NULL && rte_cryptodev_sym_capability_check_aead(cap, p->key_len,
			p->digest_len, p->aad_len, p->iv_len) == 0;
	}
	if (p->cipher != NULL) {
		idx.type = RTE_CRYPTO_SYM_XFORM_CIPHER;
		idx.algo.cipher = p->cipher->algo;
		cap = rte_cryptodev_sym_capability_get(peer->dev, &idx);
		if (cap == NULL || rte_cryptodev_sym_capability_check_cipher(cap, p->key_len,
				p->iv_len) != 0)
			return false;
	}
	if (p->auth == NULL)
		return true;
	idx.type = RTE_CRYPTO_SYM_XFORM_AUTH;
	idx.algo.auth = p->auth->algo;
	cap = rte_cryptodev_sym_capability_get(peer->dev, &idx);
	return cap != NULL && rte_cryptodev_sym_capability_check_auth(cap, p->auth_key_len,
		p->digest_len, ref_auth_iv(p->auth) ? p->iv_len : 0) == 0;
}

const char *
peer_cannot(const struct peer *peer, const struct sess_plan *s, const struct op_plan *p,
		bool count)
{
	const struct limit *const l = peer->driver->limits;
	unsigned int i;

	if (p->bad != BAD_NONE)
		return "bad ops may crash it";
	for (i = 0; i < RTE_DIM(peer->driver->limits) && l[i].hit != NULL; i++) {
		if (l[i].hit(s, p)) {
			if (count)
				hits[peer->driver - drivers][i]++;
			return l[i].why;
		}
	}
	return NULL;
}

bool
peer_run(struct peer *peer, uint16_t qp, struct rte_crypto_op *op)
{
	const uint64_t end = rte_get_timer_cycles() + 10 * rte_get_timer_hz();
	struct rte_crypto_op *back = NULL;

	peer->nb_ops++;
	if (rte_cryptodev_enqueue_burst(peer->dev, qp, &op, 1) == 0)
		/* openssl does not take an op that it fails with. */
		return op->status == RTE_CRYPTO_OP_STATUS_ERROR;
	while (rte_cryptodev_dequeue_burst(peer->dev, qp, &back, 1) == 0)
		if (rte_get_timer_cycles() > end)
			return false;
	return back == op;
}

void
peers_report(FILE *f, const struct peer *peers, unsigned int nb)
{
	unsigned int i, k;

	for (i = 0; i < nb; i++) {
		const struct peer_driver *const d = peers[i].driver;

		fprintf(f, "# %s: %" PRIu64 " ops\n", d->name, peers[i].nb_ops);
		for (k = 0; k < RTE_DIM(d->limits) && d->limits[k].hit != NULL; k++)
			fprintf(f, "#   %" PRIu64 " kept from it: %s\n", hits[d - drivers][k],
				d->limits[k].why);
	}
}
