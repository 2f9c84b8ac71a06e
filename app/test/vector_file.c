/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vector_file.h"

int
vector_file_open(struct vector_file *f, const char *path)
{
	FILE *in = fopen(path, "r");
	int ret = 0;
	long size;

	memset(f, 0, sizeof(*f));
	if (in == NULL)
		return -errno;
	if (fseek(in, 0, SEEK_END) != 0 || (size = ftell(in)) < 0 || fseek(in, 0, SEEK_SET) != 0) {
		ret = -EIO;
		goto out;
	}
	f->text = malloc((size_t)size + 1);
	if (f->text == NULL) {
		ret = -ENOMEM;
		goto out;
	}
	if (fread(f->text, 1, (size_t)size, in) != (size_t)size) {
		free(f->text);
		f->text = NULL;
		ret = -EIO;
		goto out;
	}
	f->text[size] = '\0';
	f->rest = f->text;
out:
	fclose(in);
	return ret;
}

void
vector_file_close(struct vector_file *f)
{
	free(f->text);
	memset(f, 0, sizeof(*f));
}

/* The next line without its end, NULL after the last. A line without an end is none. */
static char *
next_line(struct vector_file *f)
{
	char *line = f->rest, *end = strchr(line, '\n');

	if (end == NULL)
		return NULL;
	*end = '\0';
	f->rest = end + 1;
	f->line++;
	return line;
}

/* Cut a line at its first blank; @return what stands behind it, "" if nothing does. */
static char *
split(char *line)
{
	char *blank = strchr(line, ' ');

	if (blank == NULL)
		return line + strlen(line);
	*blank = '\0';
	return blank + 1;
}

static int
set_field(struct vector_file *f, const char *name, const char *value)
{
	unsigned int i;

	for (i = 0; i < f->nb_fields; i++)
		if (strcmp(f->field[i].name, name) == 0)
			break;
	if (i == VECTOR_FILE_FIELDS)
		return -EINVAL;
	if (i == f->nb_fields)
		f->nb_fields++;
	f->field[i].name = name;
	f->field[i].value = value;
	return 0;
}

int
vector_file_next(struct vector_file *f)
{
	char *line, *value, *end;

	while ((line = next_line(f)) != NULL) {
		if (line[0] == '#')
			continue;
		value = split(line);
		if (strcmp(line, "end") == 0) {
			/* The count tells that nothing is missing, and nothing comes after it. */
			return strtoul(value, &end, 10) == f->count && end != value &&
					*end == '\0' && *f->rest == '\0' ? 0 : -EINVAL;
		}
		if (line[0] != '\0' && strchr("+-?", line[0]) != NULL && line[1] == '\0') {
			f->verdict = line[0];
			f->id = value;
			f->note = split(value);
			f->count++;
			return 1;
		}
		if (!islower((unsigned char)line[0]) || set_field(f, line, value) != 0)
			return -EINVAL;
	}
	return -EINVAL;
}

const char *
vector_file_text(const struct vector_file *f, const char *name)
{
	unsigned int i;

	for (i = 0; i < f->nb_fields; i++)
		if (strcmp(f->field[i].name, name) == 0)
			return f->field[i].value;
	return NULL;
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
vector_file_bytes(const struct vector_file *f, const char *name, uint8_t *buf, uint32_t max)
{
	const char *text = vector_file_text(f, name);
	uint32_t n;
	int hi, lo;

	for (n = 0; text != NULL && *text != '\0'; text += 2, n++) {
		hi = digit(text[0]);
		lo = hi < 0 ? -1 : digit(text[1]);
		if (lo < 0)
			return -EINVAL;
		if (n == max)
			return -ENOSPC;
		buf[n] = (uint8_t)(hi << 4 | lo);
	}
	return (int)n;
}
