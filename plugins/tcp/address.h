/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a TCP host tells its client, as the text of an offer:
 *
 *	127.0.0.1:PORT/TOKEN/NETWORK
 *
 * The token, 128 random bits in hexadecimal, is what the client says first on
 * its connection: others on this machine may find the port, but they don't
 * know that. NETWORK names the network namespace of the host, as in
 * net:[4026531833], so that a client in another one can say so instead of
 * knocking at its own loopback.
 */
#ifndef PLUGINS_TCP_ADDRESS_H
#define PLUGINS_TCP_ADDRESS_H

#include <stdint.h>

#include <weir/transport.h>

#define ADDRESS_TOKEN_BYTES 16u
#define ADDRESS_NETWORK_BYTES 48u

struct address {
	uint16_t port;
	unsigned char token[ADDRESS_TOKEN_BYTES];
	char network[ADDRESS_NETWORK_BYTES]; /* "-" where it can't be known */
};

/* The network namespace of this thread; "-" without /proc. */
void address_network(char ret_network[ADDRESS_NETWORK_BYTES]);

/* Draws the token and looks at the network. Errors: ESYSTEM. */
int address_init(struct address *ret_address,
		 struct weir_error *err) WEIR_MUST_USE;

void address_print(const struct address *address,
		   char ret_text[WEIR_OFFER_ADDRESS_BYTES]);

/* From an untrusted offer. Errors: EPROTOCOL. */
int address_parse(const char text[WEIR_OFFER_ADDRESS_BYTES],
		  struct address *ret_address,
		  struct weir_error *err) WEIR_MUST_USE;

#endif
