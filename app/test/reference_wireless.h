/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The ciphers and the MAC of mobile networks, from the descriptions that 3GPP publishes. A
 * leaf of the reference: shares nothing with the libraries that devices compute them with.
 *
 * After ref_wireless_init() all functions may be called by several threads at once. Lengths
 * are bytes; in == out is allowed; encryption and decryption are the same.
 */

#ifndef REFERENCE_WIRELESS_H
#define REFERENCE_WIRELESS_H

#include <stddef.h>
#include <stdint.h>

/** Compute the tables; may be called again. */
void ref_wireless_init(void);

/** [TS 35.215, 3.4] with any IV: IV3, IV2, IV1, IV0. */
void ref_snow3g_uea2(const uint8_t key[16], const uint8_t iv[16], const uint8_t *in, uint8_t *out,
		size_t len);
/** [TS 35.221, 3] with any IV of ZUC. */
void ref_zuc_eea3(const uint8_t key[16], const uint8_t iv[16], const uint8_t *in, uint8_t *out,
		size_t len);
/** [TS 35.201, 3] with any start value of 64 bits. */
void ref_kasumi_f8(const uint8_t key[16], const uint8_t iv[8], const uint8_t *in, uint8_t *out,
		size_t len);
/**
 * [TS 35.201, 4] over COUNT, FRESH, message, direction, 1 and zeros as they stand in @p in;
 * what lacks to a whole block is zeros.
 */
void ref_kasumi_f9(const uint8_t key[16], const uint8_t *in, size_t len, uint8_t digest[4]);

#endif /* REFERENCE_WIRELESS_H */
