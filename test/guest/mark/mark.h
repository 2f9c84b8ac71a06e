/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Marker instructions: long NOPs (nopl disp32(%rax)) in a guest's code, which the QEMU plugin of
 * this folder recognises. Each costs one instruction, and nothing where there is no plugin.
 */

#ifndef MARK_H
#define MARK_H

#define MARK_MAGIC 0x4b4d4c00
#define MARK_NOP(code) \
	__asm__ volatile(".byte 0x0f,0x1f,0x80; .long %c0" :: "i"(MARK_MAGIC + (code)) : "memory")

/* Windows, by number; how a window ended, by class. */
#define MARK_NB_WINDOWS 32
#define MARK_WINDOW_ENQUEUE 0
#define MARK_WINDOW_DEQUEUE 1

/* 0x00-0x1f: a window begins; + 0x20, 0x40, 0x60: it ends, class 0, 1, 2. */
#define MARK_BEGIN(w) MARK_NOP(w)
#define MARK_END_FULL(w) MARK_NOP(0x20 + (w))
#define MARK_END_PART(w) MARK_NOP(0x40 + (w))
#define MARK_END_NONE(w) MARK_NOP(0x60 + (w))
/* One more operation belongs to the window that ended last. */
#define MARK_OP() MARK_NOP(0x80)

#endif /* MARK_H */
