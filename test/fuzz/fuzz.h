/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What the fuzz targets share: a reader of the input, checks that abort, seeds,
 * and EAL without huge pages. Each target is one libFuzzer program;
 * "TARGET --seeds FOLDER" writes its seeds and ends.
 */

#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_log.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** What must hold whatever the input: tells the sanitizer's report where it did not. */
#define FUZZ_CHECK(cond) \
	do { \
		if (!(cond)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #cond); \
			abort(); \
		} \
	} while (0)

/** Input that is read from the front; gives zeros behind its end. */
struct fuzz_input {
	const uint8_t *data;
	size_t len;
};

static inline void
fuzz_take(struct fuzz_input *in, void *out, size_t len)
{
	const size_t n = len < in->len ? len : in->len;

	memset(out, 0, len);
	if (n != 0)
		memcpy(out, in->data, n);
	in->data += n;
	in->len -= n;
}

static inline uint8_t
fuzz_u8(struct fuzz_input *in)
{
	uint8_t v;

	fuzz_take(in, &v, sizeof(v));
	return v;
}

static inline uint16_t
fuzz_u16(struct fuzz_input *in)
{
	uint8_t b[2];

	fuzz_take(in, b, sizeof(b));
	return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t
fuzz_u32(struct fuzz_input *in)
{
	const uint16_t low = fuzz_u16(in);

	return low | (uint32_t)fuzz_u16(in) << 16;
}

/** Writes one seed; the folder was given on the command line. */
static inline void
fuzz_seed(const char *folder, const char *name, const void *data, size_t len)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/seed-%s", folder, name);
	f = fopen(path, "wb");
	if (f == NULL || fwrite(data, 1, len, f) != len || fclose(f) != 0) {
		fprintf(stderr, "cannot write the seed %s\n", path);
		exit(1);
	}
}

/** The folder of "--seeds FOLDER", or NULL. */
static inline const char *
fuzz_seeds_wanted(int argc, char **argv)
{
	return argc == 3 && strcmp(argv[1], "--seeds") == 0 ? argv[2] : NULL;
}

/** EAL on one core, silent: a log line for each refused input would be all that is seen. */
static inline void
fuzz_eal_init(void)
{
	char name[] = "fuzz", no_huge[] = "--no-huge", m[] = "-m", mem[] = "64",
	     no_pci[] = "--no-pci", no_shconf[] = "--no-shconf", no_tele[] = "--no-telemetry",
	     fp[] = "--file-prefix", level[] = "--log-level=error", prefix[32];
	char *argv[] = {name, no_huge, m, mem, no_pci, no_shconf, no_tele, level, fp, prefix};

	snprintf(prefix, sizeof(prefix), "vcfuzz%d", (int)getpid());
	if (rte_eal_init((int)(sizeof(argv) / sizeof(argv[0])), argv) < 0) {
		fprintf(stderr, "EAL does not start\n");
		exit(1);
	}
	rte_log_set_global_level(RTE_LOG_EMERG);
}

#endif /* FUZZ_H */
