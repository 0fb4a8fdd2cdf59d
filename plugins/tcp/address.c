/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/tcp/address.h"

#include <stdbool.h>
#include <sys/random.h>
#include <unistd.h>

#define PREFIX "127.0.0.1:"
#define PORT_DIGITS_MAX 5u

void
address_network(char ret_network[ADDRESS_NETWORK_BYTES])
{
	ssize_t n = readlink("/proc/thread-self/ns/net", ret_network,
			     ADDRESS_NETWORK_BYTES - 1);

	if (n <= 0) {
		ret_network[0] = '-';
		n = 1;
	}
	ret_network[n] = '\0';
}

int
address_init(struct address *ret_address, struct weir_error *err)
{
	*ret_address = (struct address){ .port = 0 };
	/* So few bytes come whole, and without waiting once the system has
	 * booted. */
	if (getrandom(ret_address->token, ADDRESS_TOKEN_BYTES, 0) !=
	    (ssize_t)ADDRESS_TOKEN_BYTES)
		return weir_error_errno(err, "cannot draw a random token");
	address_network(ret_address->network);
	return WEIR_OK;
}

void
address_print(const struct address *address,
	      char ret_text[WEIR_OFFER_ADDRESS_BYTES])
{
	char token[2 * ADDRESS_TOKEN_BYTES + 1];
	unsigned i;

	for (i = 0; i < ADDRESS_TOKEN_BYTES; i++)
		snprintf(token + 2 * i, 3, "%02x", address->token[i]);
	snprintf(ret_text, WEIR_OFFER_ADDRESS_BYTES, PREFIX "%u/%s/%s",
		 address->port, token, address->network);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Reads "PORT/"; NULL if it is none. */
static const char *
parse_port(const char *at, uint16_t *ret_port)
{
	unsigned port = 0;
	unsigned n;

	for (n = 0; n < PORT_DIGITS_MAX && *at >= '0' && *at <= '9'; n++)
		port = port * 10 + (unsigned)(*at++ - '0');
	if (port == 0 || port > UINT16_MAX || *at != '/')
		return NULL;
	*ret_port = (uint16_t)port;
	return at + 1;
}

/* Reads "TOKEN/"; NULL if it is none. */
static const char *
parse_token(const char *at, unsigned char ret_token[ADDRESS_TOKEN_BYTES])
{
	unsigned i;

	for (i = 0; i < ADDRESS_TOKEN_BYTES; i++, at += 2) {
		int high = hex_digit(at[0]);
		int low = high < 0 ? -1 : hex_digit(at[1]);

		if (low < 0)
			return NULL;
		ret_token[i] = (unsigned char)(high << 4 | low);
	}
	return *at == '/' ? at + 1 : NULL;
}

/* Reads "NETWORK" to the end. */
static bool
parse_network(const char *at, char ret_network[ADDRESS_NETWORK_BYTES])
{
	size_t len = strlen(at);

	if (len == 0 || len >= ADDRESS_NETWORK_BYTES ||
	    strspn(at, "net:[0123456789]-") != len)
		return false;
	memcpy(ret_network, at, len + 1);
	return true;
}

int
address_parse(const char text[WEIR_OFFER_ADDRESS_BYTES],
	      struct address *ret_address, struct weir_error *err)
{
	struct address address = { .port = 0 };
	const char *at = NULL;

	if (strnlen(text, WEIR_OFFER_ADDRESS_BYTES) <
		    WEIR_OFFER_ADDRESS_BYTES &&
	    strncmp(text, PREFIX, strlen(PREFIX)) == 0)
		at = parse_port(text + strlen(PREFIX), &address.port);
	if (at)
		at = parse_token(at, address.token);
	if (!at || !parse_network(at, address.network))
		return weir_error_set(err, WEIR_EPROTOCOL,
				      "the address that the host offered is "
				      "not a port of 127.0.0.1 with a token "
				      "and a network");
	*ret_address = address;
	return WEIR_OK;
}
