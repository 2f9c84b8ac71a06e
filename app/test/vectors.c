/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <rte_common.h>

#include "vectors.h"

#define K128 "2b7e151628aed2a6abf7158809cf4f3c"
#define K192 "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"
#define K256 "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
#define IV16 "000102030405060708090a0b0c0d0e0f"
#define CTR16 "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
#define PLAIN \
	"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" \
	"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
#define X11 "11111111111111111111111111111111"
#define X22 "22222222222222222222222222222222"
#define X44 "44444444444444444444444444444444"
#define KDES3 "0123456789abcdef23456789abcdef01456789abcdef0123"
#define ZERO16 "00000000000000000000000000000000"

static const struct vector_cipher cipher_vectors[] = {
	{"aes-ecb", "NIST SP 800-38A F.1.1", K128, "", PLAIN,
		"3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"
		"43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4"},
	{"aes-ecb", "NIST SP 800-38A F.1.3", K192, "", PLAIN,
		"bd334f1d6e45f25ff712a214571fa5cc974104846d0ad3ad7734ecb3ecee4eef"
		"ef7afd2270e2e60adce0ba2face6444e9a4b41ba738d6c72fb16691603c18e0e"},
	{"aes-ecb", "NIST SP 800-38A F.1.5", K256, "", PLAIN,
		"f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870"
		"b6ed21b99ca6f4f9f153e7b1beafed1d23304b7a39f9f3ff067d8d8f9e24ecc7"},
	{"aes-cbc", "NIST SP 800-38A F.2.1", K128, IV16, PLAIN,
		"7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
		"73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"},
	{"aes-cbc", "NIST SP 800-38A F.2.3", K192, IV16, PLAIN,
		"4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"
		"571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd"},
	{"aes-cbc", "NIST SP 800-38A F.2.5", K256, IV16, PLAIN,
		"f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
		"39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"},
	{"aes-ctr", "NIST SP 800-38A F.5.1", K128, CTR16, PLAIN,
		"874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
		"5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee"},
	{"aes-ctr", "NIST SP 800-38A F.5.3", K192, CTR16, PLAIN,
		"1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e94"
		"1e36b26bd1ebc670d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050"},
	{"aes-ctr", "NIST SP 800-38A F.5.5", K256, CTR16, PLAIN,
		"601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
		"2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6"},
	/* RFC 3686 counts from 1 behind nonce and IV, as DPDK does with a 12-byte IV. */
	{"aes-ctr", "RFC 3686 Test Vector #1", "ae6852f8121067cc4bf7a5765577f39e",
		"000000300000000000000000", "53696e676c6520626c6f636b206d7367",
		"e4095d4fb7a7b3792d6175a3261311b8"},
	{"aes-xts", "IEEE Std 1619-2007 Vector 2", X11 X22, "33333333330000000000000000000000",
		X44 X44, "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0"},
	{"aes-xts", "IEEE Std 1619-2007 Vector 3", "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0" X22,
		"33333333330000000000000000000000", X44 X44,
		"af85336b597afc1a900b2eb21ec949d292df4c047e0b21532186a5971a227a89"},
	{"aes-xts", "IEEE Std 1619-2007 Vector 10, first 32 bytes",
		"2718281828459045235360287471352662497757247093699959574966967627"
		"3141592653589793238462643383279502884197169399375105820974944592",
		"ff000000000000000000000000000000",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		"1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b"},
	{"aes-xts", "IEEE Std 1619-2007 Vector 15",
		"fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0bfbebdbcbbbab9b8b7b6b5b4b3b2b1b0",
		"9a785634120000000000000000000000", "000102030405060708090a0b0c0d0e0f10",
		"6c1625db4671522d3d7599601de7ca09ed"},
	{"aes-f8", "RFC 3711 B.1",
		"234829008467be186c3de14aae72d62c32f2870d555555555555555555555555",
		"006e5cba50681de55c621599d462564a",
		"70736575646f72616e646f6d6e657373206973207468"
		"65206e6578742062657374207468696e67",
		"019ce7a26e7854014a6366aa95d4eefd1ad4172a14f9"
		"faf455b7f1d4b62bd08f562c0eef7c4802"},
	{"3des-ecb", "NIST SP 800-67 B.1", KDES3, "",
		"5468652071756663"
		"6b2062726f776e20666f78206a756d70",
		"a826fd8ce53b855f"
		"cce21c8112256fe668d5c05dd9b6b900"},
	{"3des-cbc", "NIST TDES modes examples (CBC)", KDES3, "f69f2445df4f9b17",
		"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
		"2079c3d53aa763e193b79e2569ab5262516570481f25b50f73c0bda85c8e0da7"},
	{"des-cbc", "FIPS 81 Table C1", "0123456789abcdef", "1234567890abcdef",
		"4e6f77206973207468652074696d6520666f7220616c6c20",
		"e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6"},
	{"arc4", "RFC 6229, 40-bit key", "0102030405", "", ZERO16,
		"b2396305f03dc027ccc3524a0a1118a8"},
	{"arc4", "RFC 6229, 128-bit key", "0102030405060708090a0b0c0d0e0f10", "", ZERO16,
		"9ac7cc9a609d1ef7b2932899cde41b97"},
	{"snow3g-uea2", "3GPP TS 35.217 UEA2 of 120 bits", "5acb1d644c0d51204ea5f1451010d852",
		"fa556b261c000000fa556b261c000000", "ad9c441f890b38c457a49d421407e8",
		"ba0f31300334c56b52a7497cbac046"},
	{"snow3g-uea2", "3GPP TS 35.217 UEA2 of 253 bits, first 31 bytes",
		"d3c5d592327fb11c4035c6680af8c6d1", "398a59b42c000000398a59b42c000000",
		"981ba6824c1bfb1ab485472029b71d808ce33e2cc3c0b5fc1f3de8a6dc66b1",
		"989b719cdc33ceb7cf276a52827cef94a56c40c0ab9d81f7a2a9bac60e11c4"},
	{"snow3g-uea2", "3GPP TS 35.217 UEA2 of 510 bits, first 63 bytes",
		"efa8b2229e720c2a7c36ea55e9605695", "e28bcf7bc0000000e28bcf7bc0000000",
		"10111231e060253a43fd3f57e37607ab2827b599b6b1bbda37a8abcc5a8c550d"
		"1bfb2f494624fb50367fa36ce3bc68f11cf93b1510376b02130f812a9fa169",
		"e0da15ca8e2554f5e56c9468dc6c7c129c568aa5032317e04e0729646cabefa6"
		"89864c410f24f919e61e3dfdfad77e560db0a9cd36c34ae4181490b29f5fa2"},
	{"zuc-eea3", "3GPP TS 35.223 EEA3 of 193 bits, first 24 bytes",
		"173d14ba5003731d7a60049470f00a29", "66035492780000006603549278000000",
		"6cf65340735552ab0c9752fa6f9025fe0bd675d9005875b2",
		"a6c85fc66afb8533aafc2518dfe784940ee1e4b030238cc8"},
	{"zuc-eea3", "3GPP TS 35.223 EEA3 of 800 bits", "e5bd3ea0eb55ade866c6ac58bd54302a",
		"00056823c400000000056823c4000000",
		"14a8ef693d678507bbe7270a7f67ff5006c3525b9807e467c4e56000ba338f5d"
		"429559036751822246c80d3b38f07f4be2d8ff5805f5132229bde93bbbdcaf38"
		"2bf1ee972fbf9977bada8945847a2a6c9ad34a667554e04d1f7fa2c33241bd8f"
		"01ba220d",
		"131d43e0dea1be5c5a1bfd971d852cbf712d7b4f57961fea3208afa8bca433f4"
		"56ad09c7417e58bc69cf8866d1353f74865e80781d202dfb3ecff7fcbc3b190f"
		"e82a204ed0e350fc0f6f2613b2f2bca6df5a473a57a4a00d985ebad880d6f238"
		"64a07b01"},
	{"kasumi-f8", "3GPP TS 35.203 f8 of 120 bits", "5acb1d644c0d51204ea5f1451010d852",
		"fa556b261c000000", "ad9c441f890b38c457a49d421407e8",
		"9bc92ca803c67b28a11a4bee5a0c25"},
	{"kasumi-f8", "3GPP TS 35.203 f8 of 253 bits, first 31 bytes",
		"d3c5d592327fb11c4035c6680af8c6d1", "398a59b42c000000",
		"981ba6824c1bfb1ab485472029b71d808ce33e2cc3c0b5fc1f3de8a6dc66b1",
		"5bb9431bb1e98bd11b93db7c3d45136559bb86a295aa204ecbebf6f7a51015"},
	{"kasumi-f8", "3GPP TS 35.203 f8 of 510 bits, first 63 bytes",
		"efa8b2229e720c2a7c36ea55e9605695", "e28bcf7bc0000000",
		"10111231e060253a43fd3f57e37607ab2827b599b6b1bbda37a8abcc5a8c550d"
		"1bfb2f494624fb50367fa36ce3bc68f11cf93b1510376b02130f812a9fa169",
		"3deacc7c15821caa89eecade9b5bd3614bd0c8419d710385ddbe5849ef1bac5a"
		"e8b14a5b0a6741521eb4e00bb9ecf3e9f7ccb9cae74152d7f4e2a034b6ea00"},
};

#define ABC "616263"
#define JEFE "4a656665"
#define WANT "7768617420646f2079612077616e7420666f72206e6f7468696e673f"
#define MSG40 \
	"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" \
	"30c81c46a35ce411"

static const struct vector_auth auth_vectors[] = {
	{"md5", "RFC 1321 A.5", "", ABC, "900150983cd24fb0d6963f7d28e17f72"},
	{"sha1", "FIPS 180-2 A.1", "", ABC, "a9993e364706816aba3e25717850c26c9cd0d89d"},
	{"sha224", "FIPS 180-2 change notice 1", "", ABC,
		"23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
	{"sha256", "FIPS 180-2 B.1", "", ABC,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"sha384", "FIPS 180-2 D.1", "", ABC,
		"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
		"1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
	{"sha512", "FIPS 180-2 C.1", "", ABC,
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
	{"sha3-224", "NIST SHA-3 examples", "", ABC,
		"e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf"},
	{"sha3-256", "NIST SHA-3 examples", "", ABC,
		"3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
	{"sha3-384", "NIST SHA-3 examples", "", ABC,
		"ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c25"
		"96da7cf0e49be4b298d88cea927ac7f539f1edf228376d25"},
	{"sha3-512", "NIST SHA-3 examples", "", ABC,
		"b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
		"10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0"},
	{"md5-hmac", "RFC 2202 section 2, case 2", JEFE, WANT, "750c783e6ab0b503eaa86e310a5db738"},
	{"sha1-hmac", "RFC 2202 section 3, case 2", JEFE, WANT,
		"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
	{"sha224-hmac", "RFC 4231 4.3", JEFE, WANT,
		"a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"},
	{"sha256-hmac", "RFC 4231 4.3", JEFE, WANT,
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	{"sha384-hmac", "RFC 4231 4.3", JEFE, WANT,
		"af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"
		"e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"},
	{"sha512-hmac", "RFC 4231 4.3", JEFE, WANT,
		"164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
		"9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
	{"aes-cmac", "RFC 4493 Example 1", K128, "", "bb1d6929e95937287fa37d129b756746"},
	{"aes-cmac", "RFC 4493 Example 3", K128, MSG40, "dfa66747de9ae63030ca32611497c827"},
	{"aes-cmac", "NIST SP 800-38B D.2 Example 7", K192, MSG40,
		"8a1de5be2eb31aad089a82e6ee908b0e"},
	{"aes-cmac", "NIST SP 800-38B D.3 Example 11", K256, MSG40,
		"aaf3d8f1de5640c232f5b169b9c911e6"},
	{"aes-xcbc-mac", "RFC 3566 4.6 case 3", IV16, IV16, "d2a246fa349b68a79998a4394ff7a263"},
	{"aes-xcbc-mac", "RFC 3566 4.6 case 4", IV16, IV16 "10111213",
		"47f51b4564966215b8985c63055ed308"},
	/* CBC with an IV is a CBC-MAC whose first block is the exclusive or of IV and data. */
	{"aes-cbc-mac", "NIST SP 800-38A F.2.1, last block", K128,
		"6bc0bce12a459991e134741a7f9e1925ae2d8a571e03ac9c9eb76fac45af8e51"
		"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
		"3ff1caa1681fac09120eca307586e1a7"},
	/* The message with COUNT and FRESH before it and direction and padding behind. */
	{"kasumi-f9", "3GPP TS 35.203 f9 of 189 bits", "2bd6459f82c5b300952c49104881ff48",
		"38a6f05605d2ec496b227737296f393c8079353edc87e2e805d2ec49a4f2d8e2", "f63bd72c"},
	{"kasumi-f9", "3GPP TS 35.203 f9 of 254 bits", "d42f682428201cafcd9f97945e6de7b7",
		"3edc87e2a4f2d8e2b5924384328a4ae00b737109f8b6c8dd2b4db63dd533981c"
		"eb19aad52a5b2bc3", "a9daf1ff"},
	{"kasumi-f9", "3GPP TS 35.203 f9 of 384 bits",
		"c736c6aab22bfff91e2698d2e22ad57e",
		"14793e410397e8fdd0a7d463df9fb2b278833fa02e235aa172bd970c1473e129"
		"07fb648b6599aaa0b24a038665422b20a499276a50427009c000000000000000", "dd7dfadd"},
};

#define GCM_K "feffe9928665731c6d6a8f9467308308"
#define GCM_IV "cafebabefacedbaddecaf888"
#define GCM_P60 \
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" \
	"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
#define GCM_A "feedfacedeadbeeffeedfacedeadbeefabaddad2"
#define CCM_K "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
#define CCM_K38C "404142434445464748494a4b4c4d4e4f"

static const struct vector_aead aead_vectors[] = {
	{"aes-gcm", "GCM specification, Test Case 1", ZERO16, "000000000000000000000000", "",
		"", "",
		"58e2fccefa7e3061367f1d57a4e7455a"},
	{"aes-gcm", "GCM specification, Test Case 2", ZERO16, "000000000000000000000000", "",
		ZERO16, "0388dace60b6a392f328c2b971b2fe78", "ab6e47d42cec13bdf53a67b21257bddf"},
	{"aes-gcm", "GCM specification, Test Case 3", GCM_K, GCM_IV, "", GCM_P60 "1aafd255",
		"42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
		"21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985",
		"4d5c2af327cd64a62cf35abd2ba6fab4"},
	{"aes-gcm", "GCM specification, Test Case 4", GCM_K, GCM_IV, GCM_A, GCM_P60,
		"42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
		"21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
		"5bc94fbc3221a5db94fae95ae7121a47"},
	/* Its IV has 8 bytes; given is the block Y0 that comes out of it. */
	{"aes-gcm", "GCM specification, Test Case 5", GCM_K, "c43a83c4c4badec4354ca984db252f7d",
		GCM_A, GCM_P60,
		"61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c7423"
		"73806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f4598",
		"3612d2e79e3b0785561be14aaca2fccb"},
	{"aes-gcm", "GCM specification, Test Case 10", GCM_K "feffe9928665731c", GCM_IV, GCM_A,
		GCM_P60,
		"3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c"
		"7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710",
		"2519498e80f1478f37ba55bd6d27618c"},
	{"aes-gcm", "GCM specification, Test Case 16", GCM_K GCM_K, GCM_IV, GCM_A, GCM_P60,
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
		"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
		"76fc6ece0f4e1768cddf8853bb2d551b"},
	{"aes-gmac", "NIST CAVP gcmEncryptExtIV128, PTlen 0 AADlen 128",
		"77be63708971c4e240d1cb79e8d77feb", "e0e00f19fed7ba0136a797f3",
		"7a43ec1d9c0a5a78a0b16533a6213cab", "", "", "209fcc8d3675ed938e9c7166709dd946"},
	{"aes-gmac", "GCM specification, Test Case 1", ZERO16, "000000000000000000000000", "",
		"", "",
		"58e2fccefa7e3061367f1d57a4e7455a"},
	{"aes-ccm", "RFC 3610 Packet Vector #1", CCM_K, "00000003020100a0a1a2a3a4a5",
		"0001020304050607", "08090a0b0c0d0e0f101112131415161718191a1b1c1d1e",
		"588c979a61c663d2f066d0c2c0f989806d5f6b61dac384", "17e8d12cfdf926e0"},
	{"aes-ccm", "RFC 3610 Packet Vector #2", CCM_K, "00000004030201a0a1a2a3a4a5",
		"0001020304050607", "08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		"72c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3b", "a091d56e10400916"},
	{"aes-ccm", "NIST SP 800-38C Example 1", CCM_K38C, "10111213141516", "0001020304050607",
		"20212223", "7162015b", "4dac255d"},
	{"aes-ccm", "NIST SP 800-38C Example 3", CCM_K38C, "101112131415161718191a1b",
		"000102030405060708090a0b0c0d0e0f10111213",
		"202122232425262728292a2b2c2d2e2f3031323334353637",
		"e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5", "484392fbc1b09951"},
	{"chacha20-poly1305", "RFC 8439 2.8.2",
		"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
		"070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
		"4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
		"73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
		"6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
		"637265656e20776f756c642062652069742e",
		"d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
		"3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
		"92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
		"3ff4def08e4b7a9de576d26586cec64b6116",
		"1ae10b594f09e26a7e902ecbd0600691"},
};

const struct vector_aead *
vectors_aead(unsigned int *nb)
{
	*nb = RTE_DIM(aead_vectors);
	return aead_vectors;
}

const struct vector_cipher *
vectors_cipher(unsigned int *nb)
{
	*nb = RTE_DIM(cipher_vectors);
	return cipher_vectors;
}

const struct vector_auth *
vectors_auth(unsigned int *nb)
{
	*nb = RTE_DIM(auth_vectors);
	return auth_vectors;
}

static unsigned int
nibble(char c)
{
	return c <= '9' ? (unsigned int)(c - '0') : (unsigned int)(c - 'a' + 10);
}

unsigned int
vectors_bytes(const char *hex, unsigned char *out, unsigned int max)
{
	unsigned int n = 0;

	for (; n < max && hex[0] != '\0' && hex[1] != '\0'; hex += 2)
		out[n++] = (unsigned char)(nibble(hex[0]) << 4 | nibble(hex[1]));
	return n;
}
