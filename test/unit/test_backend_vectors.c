/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The back end against published vectors: each cipher in both directions, in place
 * and out of place, each hash and MAC as a part of a chain.
 */

#include <openssl/evp.h>

#include "backend_fixture.h"

#define SP800_38A_PLAIN \
	"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" \
	"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
#define KEY_128 "2b7e151628aed2a6abf7158809cf4f3c"
#define KEY_192 "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"
#define KEY_256 "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
#define IV_CBC "000102030405060708090a0b0c0d0e0f"
#define IV_CTR "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
#define DES_KEY "0123456789abcdef"
#define NOW_IS_THE_TIME "4e6f77206973207468652074696d6520666f7220616c6c20"

struct cipher_vector {
	const char *source;
	uint32_t cipher;
	const char *key;
	const char *iv;
	const char *plain;
	const char *secret;
	bool optional; /* the engine may not have it */
};

/* A build with the library for them has them all. */
#ifdef VHC_HAVE_IPSEC_MB
#define WIRELESS_OPTIONAL false
#else
#define WIRELESS_OPTIONAL true
#endif

static const struct cipher_vector cipher_vectors[] = {
	{"SP 800-38A F.1.1", 2, KEY_128, "", SP800_38A_PLAIN,
		"3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"
		"43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4", false},
	{"SP 800-38A F.1.3", 2, KEY_192, "", SP800_38A_PLAIN,
		"bd334f1d6e45f25ff712a214571fa5cc974104846d0ad3ad7734ecb3ecee4eef"
		"ef7afd2270e2e60adce0ba2face6444e9a4b41ba738d6c72fb16691603c18e0e", false},
	{"SP 800-38A F.1.5", 2, KEY_256, "", SP800_38A_PLAIN,
		"f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870"
		"b6ed21b99ca6f4f9f153e7b1beafed1d23304b7a39f9f3ff067d8d8f9e24ecc7", false},
	{"SP 800-38A F.2.1", 3, KEY_128, IV_CBC, SP800_38A_PLAIN,
		"7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
		"73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7", false},
	{"SP 800-38A F.2.3", 3, KEY_192, IV_CBC, SP800_38A_PLAIN,
		"4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"
		"571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd", false},
	{"SP 800-38A F.2.5", 3, KEY_256, IV_CBC, SP800_38A_PLAIN,
		"f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
		"39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b", false},
	{"SP 800-38A F.5.1", 4, KEY_128, IV_CTR, SP800_38A_PLAIN,
		"874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
		"5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee", false},
	{"SP 800-38A F.5.3", 4, KEY_192, IV_CTR, SP800_38A_PLAIN,
		"1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e94"
		"1e36b26bd1ebc670d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050", false},
	{"SP 800-38A F.5.5", 4, KEY_256, IV_CTR, SP800_38A_PLAIN,
		"601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
		"2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6", false},
	{"IEEE 1619 vector 2", 13,
		"1111111111111111111111111111111122222222222222222222222222222222",
		"33333333330000000000000000000000",
		"4444444444444444444444444444444444444444444444444444444444444444",
		"c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0", false},
	{"FIPS 81, ECB", 5, DES_KEY, "", NOW_IS_THE_TIME,
		"3fa40e8a984d48156a271787ab8883f9893d51ec4b563b53", false},
	{"FIPS 81, CBC", 6, DES_KEY, "1234567890abcdef", NOW_IS_THE_TIME,
		"e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6", false},
	{"FIPS 81, CBC, as triple DES", 8, DES_KEY DES_KEY DES_KEY, "1234567890abcdef",
		NOW_IS_THE_TIME, "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6", false},
	{"SP 800-67 B.1", 7, "0123456789abcdef23456789abcdef01456789abcdef0123", "",
		"5468652071756663" "6b2062726f776e20" "666f78206a756d70",
		"a826fd8ce53b855fcce21c8112256fe668d5c05dd9b6b900", false},
	{"RFC 6229, 40 bits", 1, "0102030405", "", "00000000000000000000000000000000",
		"b2396305f03dc027ccc3524a0a1118a8", true},
	{"RFC 3711 B.1", 12, "234829008467be186c3de14aae72d62c" "32f2870d555555555555555555555555",
		"006e5cba50681de55c621599d462564a",
		"70736575646f72616e646f6d6e65737320697320746865206e65787420626573"
		"74207468696e67",
		"019ce7a26e7854014a6366aa95d4eefd1ad4172a14f9faf455b7f1d4b62bd08f"
		"562c0eef7c4802", false},
	{"TS 35.203 f8 set 1, whole bytes", 10, "2bd6459f82c5b300952c49104881ff48",
		"72a4f20f64000000",
		"7ec61272743bf1614726446a6c38ced166f6ca76eb5430044286346cef130f92"
		"922b03450d3a9975e5bd2ea0eb55ad8e1b199e3ec4316020e9a1b285e7627953"
		"59b7bdfd39bef4b2484583d5afe082aee638bf5fd5a606193901a08f4ab41aab"
		"9b1348",
		"d1e2de70eef86c6964fb542bc2d460aabfaa10a4a093262b7d199e706fc2d489"
		"1553296910f3a973012682e41c4e2b02be2017b7253bbf9309de5819cb42e819"
		"56f4c99bc9765caf53b1d0bb8279826adbbc5522e915c120a618a5a7f5e89708"
		"933965", WIRELESS_OPTIONAL},
	{"TS 35.203 f8 set 2, whole bytes", 10, "efa8b2229e720c2a7c36ea55e9605695",
		"e28bcf7bc0000000",
		"10111231e060253a43fd3f57e37607ab2827b599b6b1bbda37a8abcc5a8c550d"
		"1bfb2f494624fb50367fa36ce3bc68f11cf93b1510376b02130f812a9fa169",
		"3deacc7c15821caa89eecade9b5bd3614bd0c8419d710385ddbe5849ef1bac5a"
		"e8b14a5b0a6741521eb4e00bb9ecf3e9f7ccb9cae74152d7f4e2a034b6ea00",
		WIRELESS_OPTIONAL},
	{"TS 35.203 f8 set 4, whole bytes", 10, "d3c5d592327fb11c4035c6680af8c6d1",
		"398a59b42c000000",
		"981ba6824c1bfb1ab485472029b71d808ce33e2cc3c0b5fc1f3de8a6dc66b1",
		"5bb9431bb1e98bd11b93db7c3d45136559bb86a295aa204ecbebf6f7a51015",
		WIRELESS_OPTIONAL},
	{"TS 35.203 f8 set 5, whole bytes", 10, "6090eae04c83706eecbf652be8e36566",
		"72a4f20f48000000",
		"40981ba6824c1bfb4286b299783daf442c099f7ab0f58d5c8e46b104f08f01b4"
		"1ab485472029b71d36bd1a3d90dc3a41b46d51672ac4c9663a2be063da4bc8d2"
		"808ce33e2cccbfc634e1b259060876a0fbb5a437ebcc8d31c19e4454318745e3"
		"987645987a986f2c",
		"ddb364dd2aaec24dff291957b78bad063ac579cd9041babe89fd195c0578cb9f"
		"de4217566178d20240206d07cfa619ec059f63514459fc10d42dc9934e56ebc0"
		"cbc60d4d2df174774cbdcd5da4a350317a7f12e1949471f8a295f272e68fc071"
		"59b07d8e2d26e459", WIRELESS_OPTIONAL},
	{"TS 35.217, 798 bits, whole bytes", 11, "2bd6459f82c5b300952c49104881ff48",
		"72a4f20f6400000072a4f20f64000000",
		"7ec61272743bf1614726446a6c38ced166f6ca76eb5430044286346cef130f92"
		"922b03450d3a9975e5bd2ea0eb55ad8e1b199e3ec4316020e9a1b285e7627953"
		"59b7bdfd39bef4b2484583d5afe082aee638bf5fd5a606193901a08f4ab41aab"
		"9b1348",
		"8ceba62943dced3a0990b06ea1b0a2c4fb3cedc71b369f42ba64c1eb6665e72a"
		"a1c9bb0deaa20fe86058b8baee2c2e7f0becce48b52932a53c9d5f931a3a7c53"
		"2259af4325e2a65e3084ad5f6a513b7bddc1b65f0aa0d97a053db55a88c4c4f9"
		"605e41", WIRELESS_OPTIONAL},
	{"TS 35.217, 120 bits", 11, "5acb1d644c0d51204ea5f1451010d852",
		"fa556b261c000000fa556b261c000000",
		"ad9c441f890b38c457a49d421407e8",
		"ba0f31300334c56b52a7497cbac046", WIRELESS_OPTIONAL},
	{"TS 35.217, 253 bits, whole bytes", 11, "d3c5d592327fb11c4035c6680af8c6d1",
		"398a59b42c000000398a59b42c000000",
		"981ba6824c1bfb1ab485472029b71d808ce33e2cc3c0b5fc1f3de8a6dc66b1",
		"989b719cdc33ceb7cf276a52827cef94a56c40c0ab9d81f7a2a9bac60e11c4",
		WIRELESS_OPTIONAL},
	{"TS 35.223 EEA3 set 1, whole bytes", 14, "173d14ba5003731d7a60049470f00a29",
		"66035492780000006603549278000000",
		"6cf65340735552ab0c9752fa6f9025fe0bd675d9005875b2",
		"a6c85fc66afb8533aafc2518dfe784940ee1e4b030238cc8", WIRELESS_OPTIONAL},
	{"TS 35.223 EEA3 set 2", 14, "e5bd3ea0eb55ade866c6ac58bd54302a",
		"00056823c400000000056823c4000000",
		"14a8ef693d678507bbe7270a7f67ff5006c3525b9807e467c4e56000ba338f5d"
		"429559036751822246c80d3b38f07f4be2d8ff5805f5132229bde93bbbdcaf38"
		"2bf1ee972fbf9977bada8945847a2a6c9ad34a667554e04d1f7fa2c33241bd8f"
		"01ba220d",
		"131d43e0dea1be5c5a1bfd971d852cbf712d7b4f57961fea3208afa8bca433f4"
		"56ad09c7417e58bc69cf8866d1353f74865e80781d202dfb3ecff7fcbc3b190f"
		"e82a204ed0e350fc0f6f2613b2f2bca6df5a473a57a4a00d985ebad880d6f238"
		"64a07b01", WIRELESS_OPTIONAL},
};

/* One direction of one vector; the same session twice, as state must not stay behind. */
static void
run_vector(struct backend *b, const struct cipher_vector *v, uint32_t dir, bool in_place)
{
	uint8_t key[64], iv[16], from[128], to[128], fixed[DATA_FIXED + 16], data[128], status;
	struct params p = {.cipher = v->cipher, .dir = dir, .key = key};
	uint32_t len, iv_len;
	unsigned int round;
	uint64_t id;
	size_t head;

	p.key_len = (uint32_t)unhex(v->key, key);
	iv_len = (uint32_t)unhex(v->iv, iv);
	len = (uint32_t)unhex(dir == ENCRYPT ? v->plain : v->secret, from);
	unhex(dir == ENCRYPT ? v->secret : v->plain, to);
	assert_int_equal(create(b, &p, &id), ST_OK);
	head = data_bytes(&p, id, iv_len, iv, len, len, NULL, fixed);
	for (round = 0; round < 2; round++) {
		struct vhc_desc desc[4] = {
			{fixed, (uint32_t)head, false},
			{in_place ? data : from, len, false},
			{data, len, true},
			{&status, 1, true},
		};

		memset(data, ST_UNTOUCHED, sizeof(data));
		if (in_place)
			memcpy(data, from, len);
		status = ST_UNTOUCHED;
		assert_int_equal(serve(b, desc, 4), len + 1);
		assert_int_equal(status, ST_OK);
		assert_memory_equal(data, to, len);
	}
	assert_int_equal(destroy(b, id), ST_OK);
}

static void
ciphers(void **state)
{
	struct backend b = backend_create(NULL);
	const struct cipher_vector *v;
	struct vhc_engine_caps caps;
	size_t i;

	(void)state;
	b.engine->ops->caps(b.engine, &caps);
	for (i = 0; i < UNIT_DIM(cipher_vectors); i++) {
		v = &cipher_vectors[i];
		if (v->optional && !(caps.cipher_algo >> v->cipher & 1))
			continue;
		run_vector(&b, v, ENCRYPT, false);
		run_vector(&b, v, ENCRYPT, true);
		run_vector(&b, v, DECRYPT, false);
		run_vector(&b, v, DECRYPT, true);
	}
	backend_destroy(&b);
}

/* No published vectors: the counter mode is ECB of a 64-bit counter, which wraps around. */
static void
des3_ctr(void **state)
{
	static const uint8_t ivs[2][8] = {
		{1, 2, 3, 4, 5, 6, 7, 8}, {255, 255, 255, 255, 255, 255, 255, 254}};
	uint8_t key[24], src[605], dst[605], block[8], stream[8], fixed[DATA_FIXED + 8], status;
	struct params p = {.cipher = 9, .dir = ENCRYPT, .key = key, .key_len = 24};
	struct backend b = backend_create(NULL);
	unsigned int dir, v, i, k;
	EVP_CIPHER_CTX *ecb;
	uint64_t id;
	size_t head;
	int n;

	(void)state;
	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 7 + 1);
	for (i = 0; i < sizeof(src); i++)
		src[i] = (uint8_t)(i * 13);
	ecb = EVP_CIPHER_CTX_new();
	assert_int_equal(EVP_EncryptInit_ex(ecb, EVP_des_ede3_ecb(), NULL, key, NULL), 1);
	EVP_CIPHER_CTX_set_padding(ecb, 0);
	for (dir = ENCRYPT; dir <= DECRYPT; dir++) {
		p.dir = dir;
		assert_int_equal(create(&b, &p, &id), ST_OK);
		for (v = 0; v < 2; v++) {
			struct vhc_desc desc[4] = {
				{fixed, 0, false},
				{src, sizeof(src), false},
				{dst, sizeof(dst), true},
				{&status, 1, true},
			};

			head = data_bytes(&p, id, 8, ivs[v], sizeof(src), sizeof(dst), NULL, fixed);
			desc[0].len = (uint32_t)head;
			serve(&b, desc, 4);
			assert_int_equal(status, ST_OK);
			memcpy(block, ivs[v], 8);
			for (i = 0; i < sizeof(src); i++) {
				if (i % 8 == 0) {
					EVP_EncryptUpdate(ecb, stream, &n, block, 8);
					for (k = 8; k-- != 0 && ++block[k] == 0;)
						;
				}
				assert_int_equal(dst[i], src[i] ^ stream[i % 8]);
			}
		}
	}
	EVP_CIPHER_CTX_free(ecb);
	backend_destroy(&b);
}

#define HI_THERE "4869205468657265"
#define KEY_0B "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"
#define KEY_0TO15 "000102030405060708090a0b0c0d0e0f"
#define ABC "616263"

#define KASUMI_F9 27

struct auth_vector {
	const char *source;
	uint32_t mode;
	uint32_t algo;
	const char *key;
	const char *msg;
	const char *digest;
};

static const struct auth_vector auth_vectors[] = {
	{"RFC 1321 A.5", MODE_PLAIN, 1, "", ABC, "900150983cd24fb0d6963f7d28e17f72"},
	{"FIPS 180-4", MODE_PLAIN, 2, "", ABC, "a9993e364706816aba3e25717850c26c9cd0d89d"},
	{"FIPS 180-4", MODE_PLAIN, 3, "", ABC,
		"23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
	{"FIPS 180-4", MODE_PLAIN, 4, "", ABC,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"FIPS 180-4", MODE_PLAIN, 5, "", ABC,
		"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
		"8086072ba1e7cc2358baeca134c825a7"},
	{"FIPS 180-4", MODE_PLAIN, 6, "", ABC,
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
	{"FIPS 202", MODE_PLAIN, 7, "", ABC,
		"e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf"},
	{"FIPS 202", MODE_PLAIN, 8, "", ABC,
		"3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
	{"FIPS 202", MODE_PLAIN, 9, "", ABC,
		"ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b2"
		"98d88cea927ac7f539f1edf228376d25"},
	{"FIPS 202", MODE_PLAIN, 10, "", ABC,
		"b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
		"10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0"},
	{"FIPS 202, 256 bits of SHAKE128", MODE_PLAIN, 11, "", "",
		"7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26"},
	{"FIPS 202, 512 bits of SHAKE256", MODE_PLAIN, 12, "", "",
		"46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f"
		"d75dc4ddd8c0f200cb05019d67b592f6fc821c49479ab48640292eacb3b7c4be"},
	{"RFC 2202 MD5 case 1", MODE_AUTH, 1, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", HI_THERE,
		"9294727a3638bb1c13f48ef8158bfc9d"},
	{"RFC 2202 SHA-1 case 1", MODE_AUTH, 2, KEY_0B, HI_THERE,
		"b617318655057264e28bc0b6fb378c8ef146be00"},
	{"RFC 4231 case 1", MODE_AUTH, 3, KEY_0B, HI_THERE,
		"896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22"},
	{"RFC 4231 case 1", MODE_AUTH, 4, KEY_0B, HI_THERE,
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	{"RFC 4231 case 1", MODE_AUTH, 5, KEY_0B, HI_THERE,
		"afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
		"faea9ea9076ede7f4af152e8b2fa9cb6"},
	{"RFC 4231 case 1", MODE_AUTH, 6, KEY_0B, HI_THERE,
		"87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
		"daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
	/* RFC 2104: an empty key is padded like any other. */
	{"HMAC of empty key", MODE_AUTH, 4, "", "",
		"b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
	{"RFC 4493 example 1", MODE_AUTH, 26, KEY_128, "", "bb1d6929e95937287fa37d129b756746"},
	{"RFC 4493 example 2", MODE_AUTH, 26, KEY_128, "6bc1bee22e409f96e93d7e117393172a",
		"070a16b46b4d4144f79bdd9dd04a287c"},
	{"RFC 4493 example 3", MODE_AUTH, 26, KEY_128,
		"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
		"30c81c46a35ce411", "dfa66747de9ae63030ca32611497c827"},
	{"RFC 4493 example 4", MODE_AUTH, 26, KEY_128, SP800_38A_PLAIN,
		"51f0bebf7e3b9d92fc49741779363cfe"},
	{"SP 800-38B D.2 example 5", MODE_AUTH, 26, KEY_192, "",
		"d17ddf46adaacde531cac483de7a9367"},
	{"SP 800-38B D.3 example 12", MODE_AUTH, 26, KEY_256, SP800_38A_PLAIN,
		"e1992190549f6ed5696a2c056c315410"},
	{"RFC 3566 case 1", MODE_AUTH, 53, KEY_0TO15, "", "75f0251d528ac01c4573dfd584d79f29"},
	{"RFC 3566 case 2", MODE_AUTH, 53, KEY_0TO15, "000102",
		"5b376580ae2f19afe7219ceef172756f"},
	{"RFC 3566 case 3", MODE_AUTH, 53, KEY_0TO15, KEY_0TO15,
		"d2a246fa349b68a79998a4394ff7a263"},
	{"RFC 3566 case 4", MODE_AUTH, 53, KEY_0TO15, KEY_0TO15 "10111213",
		"47f51b4564966215b8985c63055ed308"},
	{"RFC 3566 case 5", MODE_AUTH, 53, KEY_0TO15,
		KEY_0TO15 "101112131415161718191a1b1c1d1e1f",
		"f54f0ec8d2b9f3d36807734bd5283fd4"},
	/* The data is COUNT, FRESH, message, direction and padding. */
	{"TS 35.203 f9 set 1", MODE_AUTH, KASUMI_F9, "2bd6459f82c5b300952c49104881ff48",
		"38a6f05605d2ec496b227737296f393c8079353edc87e2e805d2ec49a4f2d8e2",
		"f63bd72c"},
	{"TS 35.203 f9 set 2", MODE_AUTH, KASUMI_F9, "d42f682428201cafcd9f97945e6de7b7",
		"3edc87e2a4f2d8e2b5924384328a4ae00b737109f8b6c8dd2b4db63dd533981c"
		"eb19aad52a5b2bc3",
		"a9daf1ff"},
	{"TS 35.203 f9 set 3", MODE_AUTH, KASUMI_F9, "fdb9cfdf28936cc483a31869d81b8fab",
		"36af61449838f03a5932bc0ace2b0aba33d8ac188ac54f346fad10bf9dee2920"
		"b43bd0c53a915cb7df6caa72053abff38000000000000000",
		"1537d316"},
	{"TS 35.203 f9 set 4", MODE_AUTH, KASUMI_F9, "c736c6aab22bfff91e2698d2e22ad57e",
		"14793e410397e8fdd0a7d463df9fb2b278833fa02e235aa172bd970c1473e129"
		"07fb648b6599aaa0b24a038665422b20a499276a50427009c000000000000000",
		"dd7dfadd"},
	{"TS 35.203 f9 set 5", MODE_AUTH, KASUMI_F9, "f4ebec69e73eaf2eb2cf6af4b3120ffd",
		"296f393c6b22773710bfff839e0c71658dbb2d1707e145724f41c16f48bf403c"
		"3b18e38fd5d1663b6f6d900193e3cea8bb4f1b4f5be822032232a78d7d75238d"
		"5e6daecd3b4322cf59bc7ea84ab18811b5bfb7bc553f4fe44478ce287a148799"
		"90d18d12ca79d2c855149021cd5ce8ca0371ca04fcce143e3d7cfee94585b588"
		"5cac46068bc00000",
		"c383839d"},
};

static void
run_auth_vector(struct backend *b, const struct auth_vector *v, uint32_t order)
{
	uint8_t key[64], msg[160], digest[64], fixed[DATA_FIXED + 16], out[160 + 64 + 1];
	uint8_t cipher_key[16] = {1}, iv[16] = {2};
	struct params p = {.cipher = 3, .dir = ENCRYPT, .key = cipher_key, .key_len = 16,
		.order = order, .mode = v->mode, .auth = v->algo, .auth_key = key};
	struct ranges r = {0};
	unsigned int round;
	uint32_t len;
	uint64_t id;
	size_t head;

	p.auth_key_len = (uint32_t)unhex(v->key, key);
	p.digest_len = (uint32_t)unhex(v->digest, digest);
	len = (uint32_t)unhex(v->msg, msg);
	r.hash_len = len;
	assert_int_equal(create(b, &p, &id), ST_OK);
	head = data_bytes(&p, id, 16, iv, len, len, &r, fixed);
	for (round = 0; round < 2; round++) {
		struct vhc_desc desc[3] = {
			{fixed, (uint32_t)head, false},
			{msg, len, false},
			{out, len + p.digest_len + 1, true},
		};

		memset(out, ST_UNTOUCHED, sizeof(out));
		assert_int_equal(serve(b, desc, 3), len + p.digest_len + 1);
		assert_int_equal(out[len + p.digest_len], ST_OK);
		assert_memory_equal(out, msg, len);
		assert_memory_equal(out + len, digest, p.digest_len);
	}
	assert_int_equal(destroy(b, id), ST_OK);
}

static void
auths(void **state)
{
	struct backend b = backend_create(NULL);
	struct vhc_engine_caps caps;
	size_t i;

	(void)state;
	b.engine->ops->caps(b.engine, &caps);
	for (i = 0; i < UNIT_DIM(auth_vectors); i++) {
		if (WIRELESS_OPTIONAL && auth_vectors[i].mode == MODE_AUTH &&
				auth_vectors[i].algo == KASUMI_F9 &&
				!(caps.mac_algo >> KASUMI_F9 & 1))
			continue;
		run_auth_vector(&b, &auth_vectors[i], CHAIN_HASH_FIRST);
		run_auth_vector(&b, &auth_vectors[i], CHAIN_CIPHER_FIRST);
	}
	backend_destroy(&b);
}

/* CBC-MAC is the last block of CBC with a zero IV: taken from the cipher, for each key size. */
static void
cbc_mac(void **state)
{
	static const char *const keys[] = {KEY_128, KEY_192, KEY_256};
	const EVP_CIPHER *const modes[] = {EVP_aes_128_cbc(), EVP_aes_192_cbc(), EVP_aes_256_cbc()};
	uint8_t key[32], msg[4096], out[4096], fixed[DATA_FIXED + 16], reply[4096 + 17];
	uint8_t cipher_key[16] = {1}, iv[16] = {0};
	struct params p = {.cipher = 3, .dir = ENCRYPT, .key = cipher_key, .key_len = 16,
		.order = CHAIN_HASH_FIRST, .mode = MODE_AUTH, .auth = 49, .auth_key = key,
		.digest_len = 16};
	struct ranges r = {.hash_len = sizeof(msg)};
	struct backend b = backend_create(NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint64_t id;
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof(msg); i++)
		msg[i] = (uint8_t)(i * 31 + i / 256);
	for (i = 0; i < UNIT_DIM(keys); i++) {
		struct vhc_desc desc[3] = {
			{fixed, sizeof(fixed), false},
			{msg, sizeof(msg), false},
			{reply, sizeof(reply), true},
		};

		p.auth_key_len = (uint32_t)unhex(keys[i], key);
		assert_int_equal(EVP_EncryptInit_ex(ctx, modes[i], NULL, key, iv), 1);
		assert_int_equal(EVP_EncryptUpdate(ctx, out, &n, msg, sizeof(msg)), 1);
		assert_int_equal(create(&b, &p, &id), ST_OK);
		data_bytes(&p, id, 16, iv, sizeof(msg), sizeof(msg), &r, fixed);
		serve(&b, desc, 3);
		assert_int_equal(reply[sizeof(reply) - 1], ST_OK);
		assert_memory_equal(reply + sizeof(msg), out + sizeof(msg) - 16, 16);
	}
	EVP_CIPHER_CTX_free(ctx);
	backend_destroy(&b);
}

/* A session, one request, and the session's end. @return the request's status. */
static uint8_t
chain_once(struct backend *b, struct params *p, uint32_t iv_len, const uint8_t *src, uint32_t len,
		const struct ranges *r, uint8_t *out)
{
	uint8_t fixed[DATA_FIXED + 16], iv[16] = {3, 1, 4, 1, 5};
	uint32_t used;
	uint64_t id;
	size_t head;
	struct vhc_desc desc[3] = {
		{fixed, 0, false},
		{(uint8_t *)(uintptr_t)src, len, false},
		{out, len + p->digest_len + 1, true},
	};

	assert_int_equal(create(b, p, &id), ST_OK);
	head = data_bytes(p, id, iv_len, iv, len, len, r, fixed);
	desc[0].len = (uint32_t)head;
	out[len + p->digest_len] = ST_UNTOUCHED;
	used = serve(b, desc, 3);
	if (out[len + p->digest_len] == ST_OK)
		assert_int_equal(used, len + p->digest_len + 1);
	assert_int_equal(destroy(b, id), ST_OK);
	return out[len + p->digest_len];
}

/* The ranges of cipher and MAC begin and end anywhere; a piece's result is the piece's alone. */
static void
wireless_chain_ranges(void **state)
{
	static const struct {
		uint32_t cipher;
		uint32_t iv_len;
		uint32_t key_len;
	} ciphers_of[] = {{4, 16, 16}, {10, 8, 16}, {11, 16, 16}, {12, 16, 64}, {14, 16, 16}};
	static const struct {
		uint32_t off;
		uint32_t len;
	} pieces[] = {{0, 1}, {1, 7}, {3, 8}, {5, 64}, {7, 65}, {13, 187}};
	uint8_t src[200], out[200 + 5], whole[200 + 5], mac[200 + 5], key[64], auth_key[16];
	struct params p = {.key = key, .auth = KASUMI_F9, .mode = MODE_AUTH,
		.auth_key = auth_key, .auth_key_len = 16, .digest_len = 4};
	struct backend b = backend_create(NULL);
	struct vhc_engine_caps caps;
	struct ranges r, only;
	unsigned int c, i, k;
	bool hash_first;

	(void)state;
	b.engine->ops->caps(b.engine, &caps);
	if (WIRELESS_OPTIONAL && !(caps.mac_algo >> KASUMI_F9 & 1)) {
		backend_destroy(&b);
		skip();
	}
	for (i = 0; i < sizeof(src); i++)
		src[i] = (uint8_t)(i * 29 + 5);
	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 3 + 1);
	memset(auth_key, 0x42, sizeof(auth_key));
	for (c = 0; c < UNIT_DIM(ciphers_of) * 2; c++) {
		hash_first = c % 2 == 0;
		p.cipher = ciphers_of[c / 2].cipher;
		p.key_len = ciphers_of[c / 2].key_len;
		p.dir = hash_first ? DECRYPT : ENCRYPT;
		p.order = hash_first ? CHAIN_HASH_FIRST : CHAIN_CIPHER_FIRST;
		for (i = 0; i < UNIT_DIM(pieces) * UNIT_DIM(pieces); i++) {
			r = (struct ranges){.cipher_off = pieces[i / UNIT_DIM(pieces)].off,
				.cipher_len = pieces[i / UNIT_DIM(pieces)].len,
				.hash_off = pieces[i % UNIT_DIM(pieces)].off,
				.hash_len = pieces[i % UNIT_DIM(pieces)].len};
			assert_int_equal(chain_once(&b, &p, ciphers_of[c / 2].iv_len, src,
						 sizeof(src), &r, out), ST_OK);
			/* The ciphered piece, as the whole of another request's data. */
			only = (struct ranges){.cipher_len = r.cipher_len, .hash_len = 1};
			assert_int_equal(chain_once(&b, &p, ciphers_of[c / 2].iv_len,
						 src + r.cipher_off, r.cipher_len, &only, whole),
					ST_OK);
			assert_memory_equal(out + r.cipher_off, whole, r.cipher_len);
			for (k = 0; k < sizeof(src); k++) {
				if (k < r.cipher_off || k >= r.cipher_off + r.cipher_len)
					assert_int_equal(out[k], src[k]);
			}
			/* The MAC of what it was to see. */
			only = (struct ranges){.hash_len = r.hash_len};
			p.order = CHAIN_HASH_FIRST;
			assert_int_equal(chain_once(&b, &p, ciphers_of[c / 2].iv_len,
						 (hash_first ? src : out) + r.hash_off, r.hash_len,
						 &only, mac),
					ST_OK);
			p.order = hash_first ? CHAIN_HASH_FIRST : CHAIN_CIPHER_FIRST;
			assert_memory_equal(out + sizeof(src), mac + r.hash_len, 4);
		}
	}
	backend_destroy(&b);
}

/* KASUMI takes 20000 bits and ZUC 65504; more is refused, not left as it was. */
static void
wireless_limits(void **state)
{
	static const struct {
		uint32_t cipher;
		uint32_t iv_len;
		uint32_t max;
	} limits[] = {{10, 8, 2500}, {14, 16, 8188}};
	static uint8_t src[8189], out[8189 + 5];
	uint8_t key[16] = {9};
	struct params p = {.dir = ENCRYPT, .key = key, .key_len = 16, .auth = KASUMI_F9,
		.mode = MODE_AUTH, .order = CHAIN_HASH_FIRST, .auth_key = key, .auth_key_len = 16,
		.digest_len = 4};
	struct backend b = backend_create(NULL);
	struct vhc_engine_caps caps;
	struct ranges r;
	unsigned int i;

	(void)state;
	b.engine->ops->caps(b.engine, &caps);
	if (WIRELESS_OPTIONAL && !(caps.mac_algo >> KASUMI_F9 & 1)) {
		backend_destroy(&b);
		skip();
	}
	for (i = 0; i < UNIT_DIM(limits); i++) {
		p.cipher = limits[i].cipher;
		r = (struct ranges){.cipher_len = limits[i].max, .hash_len = 2500};
		assert_int_equal(chain_once(&b, &p, limits[i].iv_len, src, sizeof(src), &r, out),
				ST_OK);
		r.cipher_len++;
		assert_int_equal(chain_once(&b, &p, limits[i].iv_len, src, sizeof(src), &r, out),
				ST_ERR);
		r = (struct ranges){.cipher_len = 1, .hash_len = 2501};
		assert_int_equal(chain_once(&b, &p, limits[i].iv_len, src, sizeof(src), &r, out),
				ST_ERR);
	}
	/* TS 35.201 has no MAC of nothing. */
	r = (struct ranges){.cipher_len = 1};
	assert_int_equal(chain_once(&b, &p, 16, src, sizeof(src), &r, out), ST_ERR);
	backend_destroy(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ciphers),
		cmocka_unit_test(des3_ctr),
		cmocka_unit_test(auths),
		cmocka_unit_test(cbc_mac),
		cmocka_unit_test(wireless_chain_ranges),
		cmocka_unit_test(wireless_limits),
	};

	return cmocka_run_group_tests_name("backend_vectors", tests, NULL, NULL);
}
