/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Written for clearness, not for speed. Numbers in brackets name the document of 3GPP that a
 * part obeys; all words are big-endian in them.
 */

#include <string.h>

#include "reference_wireless.h"

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t
rol32(uint32_t v, unsigned int n)
{
	return v << n | v >> (32 - n);
}

static uint16_t
rol16(uint16_t v, unsigned int n)
{
	return (uint16_t)(v << n | v >> (16 - n));
}

/* out = in, exclusive or with up to 4 bytes of a key stream word. */
static void
xor_word(const uint8_t *in, uint8_t *out, size_t len, uint32_t z)
{
	size_t i;

	for (i = 0; i < len && i < 4; i++)
		out[i] = in[i] ^ (uint8_t)(z >> (24 - 8 * i));
}

/* ---- SNOW 3G [TS 35.216] ---- */

static uint8_t snow_sr[256], snow_sq[256];
static uint32_t snow_mul_alpha[256], snow_div_alpha[256];

struct snow {
	uint32_t s[16];
	uint32_t r1, r2, r3;
};

/* Times x in GF(2^8); c is the field's polynomial without x^8. [TS 35.216, 3.1.1] */
static uint8_t
mulx(uint8_t v, uint8_t c)
{
	return (uint8_t)(v << 1 ^ (v & 0x80 ? c : 0));
}

static uint8_t
mulx_pow(uint8_t v, unsigned int i, uint8_t c)
{
	while (i-- > 0)
		v = mulx(v, c);
	return v;
}

static uint8_t
gf_mul(uint8_t a, uint8_t b, uint8_t c)
{
	uint8_t r = 0;

	for (; b != 0; b >>= 1, a = mulx(a, c))
		if (b & 1)
			r ^= a;
	return r;
}

static uint8_t
gf_pow(uint8_t v, unsigned int n, uint8_t c)
{
	uint8_t r = 1;

	while (n-- > 0)
		r = gf_mul(r, v, c);
	return r;
}

/* SR is Rijndael's box: the inverse, then an affine map. */
static uint8_t
box_sr(uint8_t v)
{
	const uint8_t inv = gf_pow(v, 254, 0x1b);
	uint8_t r = 0x63;
	unsigned int i;

	for (i = 0; i < 5; i++)
		r ^= (uint8_t)(inv << i | inv >> (8 - i));
	return r;
}

/* SQ is a Dickson polynomial over another representation of the field. */
static uint8_t
box_sq(uint8_t v)
{
	static const uint8_t exponents[] = {1, 9, 13, 15, 33, 41, 45, 47, 49};
	uint8_t r = 0x25;
	unsigned int i;

	for (i = 0; i < sizeof(exponents); i++)
		r ^= gf_pow(v, exponents[i], 0x69);
	return r;
}

static uint32_t
four_pow(uint8_t v, unsigned int a, unsigned int b, unsigned int c, unsigned int d)
{
	return (uint32_t)mulx_pow(v, a, 0xa9) << 24 | (uint32_t)mulx_pow(v, b, 0xa9) << 16 |
			(uint32_t)mulx_pow(v, c, 0xa9) << 8 | mulx_pow(v, d, 0xa9);
}

void
ref_wireless_init(void)
{
	unsigned int i;

	for (i = 0; i < 256; i++) {
		snow_sr[i] = box_sr((uint8_t)i);
		snow_sq[i] = box_sq((uint8_t)i);
		/* [TS 35.216, 3.4.2 and 3.4.3] */
		snow_mul_alpha[i] = four_pow((uint8_t)i, 23, 245, 48, 239);
		snow_div_alpha[i] = four_pow((uint8_t)i, 16, 39, 6, 64);
	}
}

/* S1 and S2: a box on each byte, then a matrix over the bytes. [TS 35.216, 3.3] */
static uint32_t
snow_s(const uint8_t *box, uint8_t c, uint32_t w)
{
	uint32_t r = 0;
	uint8_t b[4];
	unsigned int i;

	for (i = 0; i < 4; i++)
		b[i] = box[w >> (24 - 8 * i) & 0xff];
	for (i = 0; i < 4; i++) {
		const uint8_t x = b[i], y = b[(i + 3) % 4];

		/* Row i: twice the byte itself, three times the one before it, once the others. */
		r = r << 8 | (uint8_t)(mulx(x, c) ^ mulx(y, c) ^ y ^ b[(i + 1) % 4] ^
				b[(i + 2) % 4]);
	}
	return r;
}

static uint32_t
snow_fsm(struct snow *g)
{
	const uint32_t f = (g->s[15] + g->r1) ^ g->r2;
	const uint32_t r = g->r2 + (g->r3 ^ g->s[5]);

	g->r3 = snow_s(snow_sq, 0x69, g->r2);
	g->r2 = snow_s(snow_sr, 0x1b, g->r1);
	g->r1 = r;
	return f;
}

/* The feedback f is of the initialisation only; 0 afterwards. */
static void
snow_lfsr(struct snow *g, uint32_t f)
{
	const uint32_t *s = g->s;
	const uint32_t v = s[0] << 8 ^ snow_mul_alpha[s[0] >> 24] ^ s[2] ^ s[11] >> 8 ^
			snow_div_alpha[s[11] & 0xff] ^ f;

	memmove(g->s, g->s + 1, 15 * sizeof(g->s[0]));
	g->s[15] = v;
}

void
ref_snow3g_uea2(const uint8_t key[16], const uint8_t iv[16], const uint8_t *in, uint8_t *out,
		size_t len)
{
	struct snow g = {0};
	uint32_t k[4], v[4], z;
	unsigned int i;
	size_t done;

	/* K3 and IV3 come first. [TS 35.215, 3.4] */
	for (i = 0; i < 4; i++) {
		k[3 - i] = get32(key + 4 * i);
		v[3 - i] = get32(iv + 4 * i);
	}
	/* [TS 35.216, 4.1] */
	for (i = 0; i < 4; i++) {
		g.s[i] = ~k[i];
		g.s[i + 4] = k[i];
		g.s[i + 8] = ~k[i];
		g.s[i + 12] = k[i];
	}
	g.s[15] ^= v[0];
	g.s[12] ^= v[1];
	g.s[10] ^= v[2];
	g.s[9] ^= v[3];
	for (i = 0; i < 32; i++)
		snow_lfsr(&g, snow_fsm(&g));
	/* [TS 35.216, 4.2]: the first output is thrown away. */
	snow_fsm(&g);
	snow_lfsr(&g, 0);
	for (done = 0; done < len; done += 4) {
		z = snow_fsm(&g) ^ g.s[0];
		snow_lfsr(&g, 0);
		xor_word(in + done, out + done, len - done, z);
	}
}

/* ---- ZUC [TS 35.222] ---- */

static const uint8_t zuc_s0[256] = {
	0x3e, 0x72, 0x5b, 0x47, 0xca, 0xe0, 0x00, 0x33, 0x04, 0xd1, 0x54, 0x98,
	0x09, 0xb9, 0x6d, 0xcb, 0x7b, 0x1b, 0xf9, 0x32, 0xaf, 0x9d, 0x6a, 0xa5,
	0xb8, 0x2d, 0xfc, 0x1d, 0x08, 0x53, 0x03, 0x90, 0x4d, 0x4e, 0x84, 0x99,
	0xe4, 0xce, 0xd9, 0x91, 0xdd, 0xb6, 0x85, 0x48, 0x8b, 0x29, 0x6e, 0xac,
	0xcd, 0xc1, 0xf8, 0x1e, 0x73, 0x43, 0x69, 0xc6, 0xb5, 0xbd, 0xfd, 0x39,
	0x63, 0x20, 0xd4, 0x38, 0x76, 0x7d, 0xb2, 0xa7, 0xcf, 0xed, 0x57, 0xc5,
	0xf3, 0x2c, 0xbb, 0x14, 0x21, 0x06, 0x55, 0x9b, 0xe3, 0xef, 0x5e, 0x31,
	0x4f, 0x7f, 0x5a, 0xa4, 0x0d, 0x82, 0x51, 0x49, 0x5f, 0xba, 0x58, 0x1c,
	0x4a, 0x16, 0xd5, 0x17, 0xa8, 0x92, 0x24, 0x1f, 0x8c, 0xff, 0xd8, 0xae,
	0x2e, 0x01, 0xd3, 0xad, 0x3b, 0x4b, 0xda, 0x46, 0xeb, 0xc9, 0xde, 0x9a,
	0x8f, 0x87, 0xd7, 0x3a, 0x80, 0x6f, 0x2f, 0xc8, 0xb1, 0xb4, 0x37, 0xf7,
	0x0a, 0x22, 0x13, 0x28, 0x7c, 0xcc, 0x3c, 0x89, 0xc7, 0xc3, 0x96, 0x56,
	0x07, 0xbf, 0x7e, 0xf0, 0x0b, 0x2b, 0x97, 0x52, 0x35, 0x41, 0x79, 0x61,
	0xa6, 0x4c, 0x10, 0xfe, 0xbc, 0x26, 0x95, 0x88, 0x8a, 0xb0, 0xa3, 0xfb,
	0xc0, 0x18, 0x94, 0xf2, 0xe1, 0xe5, 0xe9, 0x5d, 0xd0, 0xdc, 0x11, 0x66,
	0x64, 0x5c, 0xec, 0x59, 0x42, 0x75, 0x12, 0xf5, 0x74, 0x9c, 0xaa, 0x23,
	0x0e, 0x86, 0xab, 0xbe, 0x2a, 0x02, 0xe7, 0x67, 0xe6, 0x44, 0xa2, 0x6c,
	0xc2, 0x93, 0x9f, 0xf1, 0xf6, 0xfa, 0x36, 0xd2, 0x50, 0x68, 0x9e, 0x62,
	0x71, 0x15, 0x3d, 0xd6, 0x40, 0xc4, 0xe2, 0x0f, 0x8e, 0x83, 0x77, 0x6b,
	0x25, 0x05, 0x3f, 0x0c, 0x30, 0xea, 0x70, 0xb7, 0xa1, 0xe8, 0xa9, 0x65,
	0x8d, 0x27, 0x1a, 0xdb, 0x81, 0xb3, 0xa0, 0xf4, 0x45, 0x7a, 0x19, 0xdf,
	0xee, 0x78, 0x34, 0x60,
};

static const uint8_t zuc_s1[256] = {
	0x55, 0xc2, 0x63, 0x71, 0x3b, 0xc8, 0x47, 0x86, 0x9f, 0x3c, 0xda, 0x5b,
	0x29, 0xaa, 0xfd, 0x77, 0x8c, 0xc5, 0x94, 0x0c, 0xa6, 0x1a, 0x13, 0x00,
	0xe3, 0xa8, 0x16, 0x72, 0x40, 0xf9, 0xf8, 0x42, 0x44, 0x26, 0x68, 0x96,
	0x81, 0xd9, 0x45, 0x3e, 0x10, 0x76, 0xc6, 0xa7, 0x8b, 0x39, 0x43, 0xe1,
	0x3a, 0xb5, 0x56, 0x2a, 0xc0, 0x6d, 0xb3, 0x05, 0x22, 0x66, 0xbf, 0xdc,
	0x0b, 0xfa, 0x62, 0x48, 0xdd, 0x20, 0x11, 0x06, 0x36, 0xc9, 0xc1, 0xcf,
	0xf6, 0x27, 0x52, 0xbb, 0x69, 0xf5, 0xd4, 0x87, 0x7f, 0x84, 0x4c, 0xd2,
	0x9c, 0x57, 0xa4, 0xbc, 0x4f, 0x9a, 0xdf, 0xfe, 0xd6, 0x8d, 0x7a, 0xeb,
	0x2b, 0x53, 0xd8, 0x5c, 0xa1, 0x14, 0x17, 0xfb, 0x23, 0xd5, 0x7d, 0x30,
	0x67, 0x73, 0x08, 0x09, 0xee, 0xb7, 0x70, 0x3f, 0x61, 0xb2, 0x19, 0x8e,
	0x4e, 0xe5, 0x4b, 0x93, 0x8f, 0x5d, 0xdb, 0xa9, 0xad, 0xf1, 0xae, 0x2e,
	0xcb, 0x0d, 0xfc, 0xf4, 0x2d, 0x46, 0x6e, 0x1d, 0x97, 0xe8, 0xd1, 0xe9,
	0x4d, 0x37, 0xa5, 0x75, 0x5e, 0x83, 0x9e, 0xab, 0x82, 0x9d, 0xb9, 0x1c,
	0xe0, 0xcd, 0x49, 0x89, 0x01, 0xb6, 0xbd, 0x58, 0x24, 0xa2, 0x5f, 0x38,
	0x78, 0x99, 0x15, 0x90, 0x50, 0xb8, 0x95, 0xe4, 0xd0, 0x91, 0xc7, 0xce,
	0xed, 0x0f, 0xb4, 0x6f, 0xa0, 0xcc, 0xf0, 0x02, 0x4a, 0x79, 0xc3, 0xde,
	0xa3, 0xef, 0xea, 0x51, 0xe6, 0x6b, 0x18, 0xec, 0x1b, 0x2c, 0x80, 0xf7,
	0x74, 0xe7, 0xff, 0x21, 0x5a, 0x6a, 0x54, 0x1e, 0x41, 0x31, 0x92, 0x35,
	0xc4, 0x33, 0x07, 0x0a, 0xba, 0x7e, 0x0e, 0x34, 0x88, 0xb1, 0x98, 0x7c,
	0xf3, 0x3d, 0x60, 0x6c, 0x7b, 0xca, 0xd3, 0x1f, 0x32, 0x65, 0x04, 0x28,
	0x64, 0xbe, 0x85, 0x9b, 0x2f, 0x59, 0x8a, 0xd7, 0xb0, 0x25, 0xac, 0xaf,
	0x12, 0x03, 0xe2, 0xf2,
};

static const uint16_t zuc_d[16] = {
	0x44d7, 0x26bc, 0x626b, 0x135e, 0x5789, 0x35e2, 0x7135, 0x09af,
	0x4d78, 0x2f13, 0x6bc4, 0x1af1, 0x5e26, 0x3c4d, 0x789a, 0x47ac,
};

#define ZUC_P 0x7fffffffu /* 2^31 - 1 */

struct zuc {
	uint32_t s[16]; /* 1 … ZUC_P */
	uint32_t r1, r2;
	uint32_t x3;
};

/* Bit reorganisation and the function F. [TS 35.222, 3.3 and 3.4] */
static uint32_t
zuc_f(struct zuc *g)
{
	const uint32_t *s = g->s;
	const uint32_t x0 = s[15] >> 15 << 16 | (s[14] & 0xffff);
	const uint32_t x1 = s[11] << 16 | s[9] >> 15;
	const uint32_t x2 = s[7] << 16 | s[5] >> 15;
	const uint32_t w = (x0 ^ g->r1) + g->r2;
	const uint32_t w1 = g->r1 + x1, w2 = g->r2 ^ x2;
	uint32_t u = w1 << 16 | w2 >> 16, v = w2 << 16 | w1 >> 16;

	g->x3 = s[2] << 16 | s[0] >> 15;
	u ^= rol32(u, 2) ^ rol32(u, 10) ^ rol32(u, 18) ^ rol32(u, 24);
	v ^= rol32(v, 8) ^ rol32(v, 14) ^ rol32(v, 22) ^ rol32(v, 30);
	g->r1 = (uint32_t)zuc_s0[u >> 24] << 24 | (uint32_t)zuc_s1[u >> 16 & 0xff] << 16 |
			(uint32_t)zuc_s0[u >> 8 & 0xff] << 8 | zuc_s1[u & 0xff];
	g->r2 = (uint32_t)zuc_s0[v >> 24] << 24 | (uint32_t)zuc_s1[v >> 16 & 0xff] << 16 |
			(uint32_t)zuc_s0[v >> 8 & 0xff] << 8 | zuc_s1[v & 0xff];
	return w;
}

/* The feedback u is of the initialisation only; 0 afterwards. [TS 35.222, 3.2] */
static void
zuc_lfsr(struct zuc *g, uint32_t u)
{
	const uint32_t *s = g->s;
	const uint64_t sum = ((uint64_t)s[15] << 15) + ((uint64_t)s[13] << 17) +
			((uint64_t)s[10] << 21) + ((uint64_t)s[4] << 20) +
			((uint64_t)s[0] << 8) + s[0] + u;
	const uint32_t v = (uint32_t)(sum % ZUC_P);

	memmove(g->s, g->s + 1, 15 * sizeof(g->s[0]));
	g->s[15] = v != 0 ? v : ZUC_P;
}

void
ref_zuc_eea3(const uint8_t key[16], const uint8_t iv[16], const uint8_t *in, uint8_t *out,
		size_t len)
{
	struct zuc g = {0};
	unsigned int i;
	uint32_t w;
	size_t done;

	for (i = 0; i < 16; i++)
		g.s[i] = (uint32_t)key[i] << 23 | (uint32_t)zuc_d[i] << 8 | iv[i];
	for (i = 0; i < 32; i++) {
		w = zuc_f(&g);
		zuc_lfsr(&g, w >> 1);
	}
	/* The first output is thrown away. [TS 35.222, 3.6.2] */
	zuc_f(&g);
	zuc_lfsr(&g, 0);
	for (done = 0; done < len; done += 4) {
		w = zuc_f(&g);
		w ^= g.x3;
		zuc_lfsr(&g, 0);
		xor_word(in + done, out + done, len - done, w);
	}
}

/* ---- KASUMI [TS 35.202] ---- */

static const uint8_t kasumi_s7[128] = {
	54, 50, 62, 56, 22, 34, 94, 96, 38, 6, 63, 93, 2, 18, 123, 33,
	55, 113, 39, 114, 21, 67, 65, 12, 47, 73, 46, 27, 25, 111, 124, 81,
	53, 9, 121, 79, 52, 60, 58, 48, 101, 127, 40, 120, 104, 70, 71, 43,
	20, 122, 72, 61, 23, 109, 13, 100, 77, 1, 16, 7, 82, 10, 105, 98,
	117, 116, 76, 11, 89, 106, 0, 125, 118, 99, 86, 69, 30, 57, 126, 87,
	112, 51, 17, 5, 95, 14, 90, 84, 91, 8, 35, 103, 32, 97, 28, 66,
	102, 31, 26, 45, 75, 4, 85, 92, 37, 74, 80, 49, 68, 29, 115, 44,
	64, 107, 108, 24, 110, 83, 36, 78, 42, 19, 15, 41, 88, 119, 59, 3,
};

static const uint16_t kasumi_s9[512] = {
	167, 239, 161, 379, 391, 334, 9, 338, 38, 226, 48, 358, 452, 385, 90, 397,
	183, 253, 147, 331, 415, 340, 51, 362, 306, 500, 262, 82, 216, 159, 356, 177,
	175, 241, 489, 37, 206, 17, 0, 333, 44, 254, 378, 58, 143, 220, 81, 400,
	95, 3, 315, 245, 54, 235, 218, 405, 472, 264, 172, 494, 371, 290, 399, 76,
	165, 197, 395, 121, 257, 480, 423, 212, 240, 28, 462, 176, 406, 507, 288, 223,
	501, 407, 249, 265, 89, 186, 221, 428, 164, 74, 440, 196, 458, 421, 350, 163,
	232, 158, 134, 354, 13, 250, 491, 142, 191, 69, 193, 425, 152, 227, 366, 135,
	344, 300, 276, 242, 437, 320, 113, 278, 11, 243, 87, 317, 36, 93, 496, 27,
	487, 446, 482, 41, 68, 156, 457, 131, 326, 403, 339, 20, 39, 115, 442, 124,
	475, 384, 508, 53, 112, 170, 479, 151, 126, 169, 73, 268, 279, 321, 168, 364,
	363, 292, 46, 499, 393, 327, 324, 24, 456, 267, 157, 460, 488, 426, 309, 229,
	439, 506, 208, 271, 349, 401, 434, 236, 16, 209, 359, 52, 56, 120, 199, 277,
	465, 416, 252, 287, 246, 6, 83, 305, 420, 345, 153, 502, 65, 61, 244, 282,
	173, 222, 418, 67, 386, 368, 261, 101, 476, 291, 195, 430, 49, 79, 166, 330,
	280, 383, 373, 128, 382, 408, 155, 495, 367, 388, 274, 107, 459, 417, 62, 454,
	132, 225, 203, 316, 234, 14, 301, 91, 503, 286, 424, 211, 347, 307, 140, 374,
	35, 103, 125, 427, 19, 214, 453, 146, 498, 314, 444, 230, 256, 329, 198, 285,
	50, 116, 78, 410, 10, 205, 510, 171, 231, 45, 139, 467, 29, 86, 505, 32,
	72, 26, 342, 150, 313, 490, 431, 238, 411, 325, 149, 473, 40, 119, 174, 355,
	185, 233, 389, 71, 448, 273, 372, 55, 110, 178, 322, 12, 469, 392, 369, 190,
	1, 109, 375, 137, 181, 88, 75, 308, 260, 484, 98, 272, 370, 275, 412, 111,
	336, 318, 4, 504, 492, 259, 304, 77, 337, 435, 21, 357, 303, 332, 483, 18,
	47, 85, 25, 497, 474, 289, 100, 269, 296, 478, 270, 106, 31, 104, 433, 84,
	414, 486, 394, 96, 99, 154, 511, 148, 413, 361, 409, 255, 162, 215, 302, 201,
	266, 351, 343, 144, 441, 365, 108, 298, 251, 34, 182, 509, 138, 210, 335, 133,
	311, 352, 328, 141, 396, 346, 123, 319, 450, 281, 429, 228, 443, 481, 92, 404,
	485, 422, 248, 297, 23, 213, 130, 466, 22, 217, 283, 70, 294, 360, 419, 127,
	312, 377, 7, 468, 194, 2, 117, 295, 463, 258, 224, 447, 247, 187, 80, 398,
	284, 353, 105, 390, 299, 471, 470, 184, 57, 200, 348, 63, 204, 188, 33, 451,
	97, 30, 310, 219, 94, 160, 129, 493, 64, 179, 263, 102, 189, 207, 114, 402,
	438, 477, 387, 122, 192, 42, 381, 5, 145, 118, 180, 449, 293, 323, 136, 380,
	43, 66, 60, 455, 341, 445, 202, 432, 8, 237, 15, 376, 436, 464, 59, 461,
};

struct kasumi_round {
	uint16_t kl[2];
	uint16_t ko[3];
	uint16_t ki[3];
};

struct kasumi {
	struct kasumi_round r[8];
};

/* Each byte of the key is changed by mask first. [TS 35.202, 2.2; TS 35.201] */
static void
kasumi_key(struct kasumi *k, const uint8_t key[16], uint8_t mask)
{
	static const uint16_t c[8] = {
		0x0123, 0x4567, 0x89ab, 0xcdef, 0xfedc, 0xba98, 0x7654, 0x3210,
	};
	uint16_t a[8], b[8];
	unsigned int i;

	for (i = 0; i < 8; i++) {
		a[i] = get16(key + 2 * i) ^ (uint16_t)(mask << 8 | mask);
		b[i] = a[i] ^ c[i];
	}
	for (i = 0; i < 8; i++) {
		k->r[i].kl[0] = rol16(a[i], 1);
		k->r[i].kl[1] = b[(i + 2) % 8];
		k->r[i].ko[0] = rol16(a[(i + 1) % 8], 5);
		k->r[i].ko[1] = rol16(a[(i + 5) % 8], 8);
		k->r[i].ko[2] = rol16(a[(i + 6) % 8], 13);
		k->r[i].ki[0] = b[(i + 4) % 8];
		k->r[i].ki[1] = b[(i + 3) % 8];
		k->r[i].ki[2] = b[(i + 7) % 8];
	}
}

static uint32_t
kasumi_fl(const struct kasumi_round *k, uint32_t v)
{
	uint16_t l = (uint16_t)(v >> 16), r = (uint16_t)v;

	r ^= rol16(l & k->kl[0], 1);
	l ^= rol16(r | k->kl[1], 1);
	return (uint32_t)l << 16 | r;
}

static uint16_t
kasumi_fi(uint16_t v, uint16_t ki)
{
	uint16_t nine = v >> 7, seven = v & 0x7f;

	nine = kasumi_s9[nine] ^ seven;
	seven = kasumi_s7[seven] ^ (nine & 0x7f);
	seven ^= ki >> 9;
	nine ^= ki & 0x1ff;
	nine = kasumi_s9[nine] ^ seven;
	seven = kasumi_s7[seven] ^ (nine & 0x7f);
	return (uint16_t)(seven << 9 | nine);
}

static uint32_t
kasumi_fo(const struct kasumi_round *k, uint32_t v)
{
	uint16_t l = (uint16_t)(v >> 16), r = (uint16_t)v, n;
	unsigned int j;

	for (j = 0; j < 3; j++) {
		n = kasumi_fi(l ^ k->ko[j], k->ki[j]) ^ r;
		l = r;
		r = n;
	}
	return (uint32_t)l << 16 | r;
}

static uint64_t
kasumi_block(const struct kasumi *k, uint64_t v)
{
	uint32_t l = (uint32_t)(v >> 32), r = (uint32_t)v, n;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		n = i % 2 == 0 ? kasumi_fo(&k->r[i], kasumi_fl(&k->r[i], l)) :
				kasumi_fl(&k->r[i], kasumi_fo(&k->r[i], l));
		n ^= r;
		r = l;
		l = n;
	}
	return (uint64_t)l << 32 | r;
}

static uint64_t
get64(const uint8_t *p)
{
	return (uint64_t)get32(p) << 32 | get32(p + 4);
}

/* [TS 35.201, 3]; the IV is COUNT, BEARER, DIRECTION and zeros. */
void
ref_kasumi_f8(const uint8_t key[16], const uint8_t iv[8], const uint8_t *in, uint8_t *out,
		size_t len)
{
	uint64_t a, stream = 0, n;
	struct kasumi k;
	size_t done;

	kasumi_key(&k, key, 0x55);
	a = kasumi_block(&k, get64(iv));
	kasumi_key(&k, key, 0);
	for (done = 0, n = 0; done < len; done += 8, n++) {
		stream = kasumi_block(&k, a ^ n ^ stream);
		xor_word(in + done, out + done, len - done, (uint32_t)(stream >> 32));
		if (len - done > 4)
			xor_word(in + done + 4, out + done + 4, len - done - 4, (uint32_t)stream);
	}
}

/* [TS 35.201, 4] */
void
ref_kasumi_f9(const uint8_t key[16], const uint8_t *in, size_t len, uint8_t digest[4])
{
	uint64_t a = 0, b = 0;
	uint8_t block[8];
	struct kasumi k;
	size_t done;
	unsigned int i;

	kasumi_key(&k, key, 0);
	for (done = 0; done < len; done += 8) {
		memset(block, 0, sizeof(block));
		memcpy(block, in + done, len - done < 8 ? len - done : 8);
		a = kasumi_block(&k, a ^ get64(block));
		b ^= a;
	}
	kasumi_key(&k, key, 0xaa);
	b = kasumi_block(&k, b);
	for (i = 0; i < 4; i++)
		digest[i] = (uint8_t)(b >> (56 - 8 * i));
}
