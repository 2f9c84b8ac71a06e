/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wireless.h"

#ifdef VHC_HAVE_IPSEC_MB

#include <openssl/crypto.h>

#include <intel-ipsec-mb.h>

/* Bytes. Above them the library does nothing, and says so only for the process as a whole. */
#define KASUMI_DATA_MAX (20000 / 8)
#define SNOW3G_DATA_MAX (UINT32_MAX / 8)
#define ZUC_DATA_MAX (65504 / 8)

#define KASUMI_IV_LEN 8
#define LONG_IV_LEN 16

struct vhc_wireless {
	IMB_MGR *mgr;
};

struct vhc_wireless_key {
	const IMB_MGR *mgr; /* of its members only the functions are used: threads share it */
	enum vhc_wireless_algo algo;
	union {
		kasumi_key_sched_t kasumi;
		snow3g_key_schedule_t snow3g;
		uint8_t zuc[VHC_WIRELESS_KEY_LEN];
	};
};

struct vhc_wireless *
vhc_wireless_create(void)
{
	struct vhc_wireless *w = malloc(sizeof(*w));

	if (w == NULL)
		return NULL;
	w->mgr = alloc_mb_mgr(0);
	if (w->mgr != NULL)
		init_mb_mgr_auto(w->mgr, NULL);
	if (w->mgr == NULL || imb_get_errno(w->mgr) != 0) {
		vhc_wireless_destroy(w);
		return NULL;
	}
	return w;
}

void
vhc_wireless_destroy(struct vhc_wireless *w)
{
	if (w == NULL)
		return;
	if (w->mgr != NULL)
		free_mb_mgr(w->mgr);
	free(w);
}

struct vhc_wireless_key *
vhc_wireless_key_create(
		struct vhc_wireless *w, enum vhc_wireless_algo algo, const uint8_t *key)
{
	struct vhc_wireless_key *k = calloc(1, sizeof(*k));
	int ret = -1;

	if (k == NULL)
		return NULL;
	k->mgr = w->mgr;
	k->algo = algo;
	switch (algo) {
	case VHC_KASUMI_F8:
		ret = IMB_KASUMI_INIT_F8_KEY_SCHED(k->mgr, key, &k->kasumi);
		break;
	case VHC_KASUMI_F9:
		ret = IMB_KASUMI_INIT_F9_KEY_SCHED(k->mgr, key, &k->kasumi);
		break;
	case VHC_SNOW3G_UEA2:
		ret = IMB_SNOW3G_INIT_KEY_SCHED(k->mgr, key, &k->snow3g);
		break;
	case VHC_ZUC_EEA3:
		memcpy(k->zuc, key, sizeof(k->zuc));
		ret = 0;
		break;
	}
	if (ret != 0) {
		vhc_wireless_key_destroy(k);
		return NULL;
	}
	return k;
}

void
vhc_wireless_key_destroy(struct vhc_wireless_key *k)
{
	if (k == NULL)
		return;
	OPENSSL_cleanse(k, sizeof(*k));
	free(k);
}

int
vhc_wireless_crypt(const struct vhc_wireless_key *k, const uint8_t *iv, const uint8_t *src,
		uint8_t *dst, size_t len)
{
	uint64_t aligned[2]; /* requests have their IV anywhere */

	switch (k->algo) {
	case VHC_KASUMI_F8:
		if (len == 0 || len > KASUMI_DATA_MAX)
			return -EINVAL;
		memcpy(aligned, iv, KASUMI_IV_LEN);
		IMB_KASUMI_F8_1_BUFFER(k->mgr, &k->kasumi, aligned[0], src, dst, (uint32_t)len);
		return 0;
	case VHC_SNOW3G_UEA2:
		if (len == 0 || len > SNOW3G_DATA_MAX)
			return -EINVAL;
		memcpy(aligned, iv, LONG_IV_LEN);
		IMB_SNOW3G_F8_1_BUFFER(
				k->mgr, &k->snow3g, aligned, src, dst, (uint32_t)len);
		return 0;
	case VHC_ZUC_EEA3:
		if (len == 0 || len > ZUC_DATA_MAX)
			return -EINVAL;
		memcpy(aligned, iv, LONG_IV_LEN);
		IMB_ZUC_EEA3_1_BUFFER(k->mgr, k->zuc, aligned, src, dst, (uint32_t)len);
		return 0;
	case VHC_KASUMI_F9:
		break;
	}
	return -EINVAL;
}

int
vhc_wireless_mac(const struct vhc_wireless_key *k, const uint8_t *data, size_t len, uint8_t *out)
{
	if (k->algo != VHC_KASUMI_F9 || len == 0 || len > KASUMI_DATA_MAX)
		return -EINVAL;
	IMB_KASUMI_F9_1_BUFFER(k->mgr, &k->kasumi, data, (uint32_t)len, out);
	return 0;
}

#else /* !VHC_HAVE_IPSEC_MB */

struct vhc_wireless *
vhc_wireless_create(void)
{
	return NULL;
}

void
vhc_wireless_destroy(struct vhc_wireless *w)
{
	(void)w;
}

struct vhc_wireless_key *
vhc_wireless_key_create(
		struct vhc_wireless *w, enum vhc_wireless_algo algo, const uint8_t *key)
{
	(void)w;
	(void)algo;
	(void)key;
	return NULL;
}

void
vhc_wireless_key_destroy(struct vhc_wireless_key *k)
{
	(void)k;
}

int
vhc_wireless_crypt(const struct vhc_wireless_key *k, const uint8_t *iv, const uint8_t *src,
		uint8_t *dst, size_t len)
{
	(void)k;
	(void)iv;
	(void)src;
	(void)dst;
	(void)len;
	return -EINVAL;
}

int
vhc_wireless_mac(const struct vhc_wireless_key *k, const uint8_t *data, size_t len, uint8_t *out)
{
	(void)k;
	(void)data;
	(void)len;
	(void)out;
	return -EINVAL;
}

#endif
