/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What librte_vhost leaves to its user about sockets: files that a killed process left behind,
 * peers that stop in the middle of a message, and file descriptors that come with a message which
 * has none: librte_vhost loses those of a message that it refuses early, and a guest could use up
 * all that the process may have. So the program has a recvmsg() of its own, which closes them on
 * arrival.
 */

#ifndef VHC_FRONT_SOCKET_H
#define VHC_FRONT_SOCKET_H

#include <stdbool.h>

/**
 * Make way for a listening socket: remove a socket file on which nobody listens.
 * @return 0; after a log line -EADDRINUSE somebody listens, -EEXIST what lies there is not a
 *         socket, or -errno.
 */
int vhc_front_socket_clear(const char *path);

/**
 * Have librte_vhost look at the sockets that listen since its thread went to sleep: it does so by
 * itself only once a second, for which a guest would wait at each restart. Any thread but
 * librte_vhost's; best effort.
 */
void vhc_front_socket_wake(void);

/**
 * Find the connection that librte_vhost has just accepted or made, and limit the time that
 * it waits there for the rest of a message: its thread serves all sockets.
 * @return a copy of the connection's file descriptor, the caller's; -1 if it was not found.
 */
int vhc_front_socket_take(const char *path, bool server);

/**
 * Whether a peer leaves so many replies unread that the next one may have to wait, and with it
 * all other guests' messages.
 */
bool vhc_front_socket_is_full(int fd);

/** The calling thread is librte_vhost's, which reads messages. */
void vhc_front_socket_reader(void);

#endif /* VHC_FRONT_SOCKET_H */
