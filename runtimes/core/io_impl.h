/* What the files of channels share, beyond caml/io.h. */

#ifndef IO_IMPL_H
#define IO_IMPL_H

#include <stdbool.h>
#include "caml/io.h"

static inline bool is_output(const struct channel *channel)
{
  return channel->max == NULL;
}

/* The buffer of channels that are closed. */
extern char caml_closed_channel_buffer[1];

/* Protects the list of channels, and their counts of references. */
extern caml_plat_mutex caml_all_opened_channels_mutex;

void caml_link_channel(struct channel *channel);
void caml_unlink_channel(struct channel *channel);
void caml_free_channel(struct channel *channel);

intnat caml_channel_available(struct channel *channel, intnat len);
intnat caml_channel_scan_line(struct channel *channel);

#endif /* IO_IMPL_H */
