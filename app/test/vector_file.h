/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Reader of the files of test/vectors; the form is described there. A leaf: knows no algorithm and
 * no device. One thread at a time per file.
 *
 * Invariant: a file that was cut short, or that has a line of another form, ends with an error,
 * never as if it were over.
 */

#ifndef VECTOR_FILE_H
#define VECTOR_FILE_H

#include <stdint.h>

#define VECTOR_FILE_FIELDS 16

struct vector_file {
	char *text;
	char *rest; /* of it, from the line that is read next */
	struct {
		const char *name;
		const char *value;
	} field[VECTOR_FILE_FIELDS];
	unsigned int nb_fields;
	unsigned int line; /* of the vector at hand, from 1 */
	unsigned int count; /* vectors so far */
	char verdict; /* of the vector at hand: '+' must verify, '-' must not, '?' either */
	const char *id;
	const char *note;
};

/** Read a file whole. @return 0, or -errno; vector_file_close() frees what it holds. */
int vector_file_open(struct vector_file *f, const char *path);
void vector_file_close(struct vector_file *f);

/** Go to the next vector. @return 1; 0 after the last; -EINVAL line f->line has no such form. */
int vector_file_next(struct vector_file *f);

/** A field of the vector at hand as it stands there, NULL if the file has not said it. */
const char *vector_file_text(const struct vector_file *f, const char *name);
/**
 * A field as bytes.
 * @return bytes in @p buf; 0 for a field that the file has not said; -EINVAL not hexadecimal;
 *         -ENOSPC more than @p max.
 */
int vector_file_bytes(const struct vector_file *f, const char *name, uint8_t *buf, uint32_t max);

#endif /* VECTOR_FILE_H */
