/* Buffered channels.
 *
 * Counterpart of upstream's runtime/io.c.  This file has the channels as C sees
 * them; channel_prims.c makes them values.
 *
 * Invariants:
 * - an output channel has max == NULL, an input channel has curr <= max;
 *   a closed channel has fd == -1, a one-byte buffer that belongs to nobody,
 *   and curr == max, so that reads and writes alike find no room and ask the
 *   system, which refuses;
 * - offset is the position in the file of the start of the buffer (output) or
 *   of max (input);
 * - a channel is locked while its buffer is used, and at most one is locked by
 *   a thread; what raises leaves the unlocking to
 *   caml_channel_cleanup_on_raise. */

#define CAML_INTERNALS

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "io_impl.h"
#include "caml/fail.h"
#include "caml/io.h"
#include "caml/memory.h"
#include "caml/misc.h"
#include "caml/mlvalues.h"
#include "caml/osdeps.h"
#include "caml/signals.h"
#include "caml/sys.h"

/* ---- Locks ---- */

static CAMLthread_local struct channel *locked_channel = NULL;

CAMLexport void caml_channel_lock(struct channel *channel)
{
  caml_plat_lock_non_blocking(&channel->mutex);
  locked_channel = channel;
}

CAMLexport void caml_channel_unlock(struct channel *channel)
{
  locked_channel = NULL;
  caml_plat_unlock(&channel->mutex);
}

CAMLexport void caml_channel_cleanup_on_raise(void)
{
  if (locked_channel != NULL) caml_channel_unlock(locked_channel);
}

/* Run signal handlers and finalisers, which may use this very channel.
   Channels made by C code may not be locked at all. */
static void check_pending(struct channel *channel)
{
  bool unlock = (channel->flags & CHANNEL_FLAG_MANAGED_BY_GC) != 0;

  if (!caml_check_pending_actions()) return;
  if (unlock) caml_channel_unlock(channel);
  caml_process_pending_actions();
  if (unlock) caml_channel_lock(channel);
}

/* ---- All channels ---- */

CAMLexport struct channel *caml_all_opened_channels = NULL;
CAMLexport caml_plat_mutex caml_all_opened_channels_mutex =
  CAML_PLAT_MUTEX_INITIALIZER;

void caml_link_channel(struct channel *channel)
{
  channel->prev = NULL;
  channel->next = caml_all_opened_channels;
  if (channel->next != NULL) channel->next->prev = channel;
  caml_all_opened_channels = channel;
}

void caml_unlink_channel(struct channel *channel)
{
  if (channel->prev == NULL) caml_all_opened_channels = channel->next;
  else channel->prev->next = channel->next;
  if (channel->next != NULL) channel->next->prev = channel->prev;
  channel->next = channel->prev = NULL;
}

/* ---- Opening and closing from C ---- */

static file_offset seek_descriptor(int fd, file_offset offset, int whence)
{
  file_offset res;

  caml_enter_blocking_section_no_pending();
  res = lseek(fd, offset, whence);
  caml_leave_blocking_section();
  return res;
}

CAMLexport struct channel *caml_open_descriptor_in(int fd)
{
  struct channel *channel = caml_stat_alloc(sizeof *channel);

  channel->buff = caml_stat_alloc_noexc(IO_BUFFER_SIZE);
  if (channel->buff == NULL) {
    caml_stat_free(channel);
    caml_raise_out_of_memory();
  }
  channel->fd = fd;
  channel->offset = seek_descriptor(fd, 0, SEEK_CUR);
  channel->curr = channel->max = channel->buff;
  channel->end = channel->buff + IO_BUFFER_SIZE;
  caml_plat_mutex_init(&channel->mutex);
  channel->refcount = 0;
  channel->prev = channel->next = NULL;
  channel->name = NULL;
  channel->flags = 0;
  return channel;
}

CAMLexport struct channel *caml_open_descriptor_out(int fd)
{
  struct channel *channel = caml_open_descriptor_in(fd);

  channel->max = NULL;
  return channel;
}

char caml_closed_channel_buffer[1];

void caml_free_channel(struct channel *channel)
{
  caml_plat_mutex_free(&channel->mutex);
  caml_stat_free(channel->name);
  if (channel->buff != caml_closed_channel_buffer)
    caml_stat_free(channel->buff);
  caml_stat_free(channel);
}

CAMLexport void caml_close_channel(struct channel *channel)
{
  close(channel->fd);
  caml_free_channel(channel);
}

CAMLexport file_offset caml_channel_size(struct channel *channel)
{
  int fd;
  file_offset here, end;

  check_pending(channel);
  fd = channel->fd;
  here = channel->offset;
  if (here == -1) here = seek_descriptor(fd, 0, SEEK_CUR);
  if (here == -1) caml_sys_error(NO_ARG);
  end = seek_descriptor(fd, 0, SEEK_END);
  if (end == -1 || seek_descriptor(fd, here, SEEK_SET) != here)
    caml_sys_error(NO_ARG);
  return end;
}

CAMLexport int caml_channel_binary_mode(struct channel *channel)
{
  return (channel->flags & CHANNEL_TEXT_MODE) == 0;
}

/* ---- Output ---- */

/* After these errors a later attempt would fail as well.  What is buffered is
   dropped, or else the channel could never be closed nor finalised. */
static bool is_permanent(int error)
{
  return error == EBADF || error == EPIPE || error == ECONNRESET;
}

/* One write of what is buffered; makes room for one byte at least.  True when
   the buffer is then empty. */
static bool flush_partial(struct channel *channel)
{
  int buffered, written;

  do {
    check_pending(channel);
    if (channel->fd == -1) {
      errno = EBADF;
      caml_sys_io_error(NO_ARG);
    }
    buffered = (int) (channel->curr - channel->buff);
    if (buffered == 0) return true;
    written = caml_write_fd(channel->fd, channel->flags, channel->buff,
                            buffered);
  } while (written == -1 && errno == EINTR);
  if (written == -1) {
    if (is_permanent(errno) && channel->fd != -1)
      channel->curr = channel->buff;
    caml_sys_io_error(NO_ARG);
  }
  channel->offset += written;
  memmove(channel->buff, channel->buff + written,
          channel->curr - channel->buff - written);
  channel->curr -= written;
  return channel->curr == channel->buff;
}

CAMLexport int caml_flush_partial(struct channel *channel)
{
  return flush_partial(channel);
}

CAMLexport void caml_flush(struct channel *channel)
{
  while (!flush_partial(channel)) ;
}

CAMLexport void caml_flush_if_unbuffered(struct channel *channel)
{
  if (channel->flags & CHANNEL_FLAG_UNBUFFERED) caml_flush(channel);
}

CAMLexport void caml_putch(struct channel *channel, int ch)
{
  if (channel->curr >= channel->end) flush_partial(channel);
  *channel->curr++ = (char) ch;
}

CAMLexport void caml_putword(struct channel *channel, uint32_t w)
{
  if (!caml_channel_binary_mode(channel))
    caml_failwith("output_binary_int: not a binary channel");
  for (int shift = 24; shift >= 0; shift -= 8)
    caml_putch(channel, (int) (w >> shift & 0xFF));
}

/* Buffer as much of the data as fits, write if the buffer is then full, and
   return how much was taken. */
CAMLexport int caml_putblock(struct channel *channel, const char *p, intnat len)
{
  intnat room = channel->end - channel->curr;
  intnat n = len < room ? len : room;

  memcpy(channel->curr, p, n);
  channel->curr += n;
  if (n == room) flush_partial(channel);
  return (int) n;
}

CAMLexport void caml_really_putblock(struct channel *channel, const char *p,
                                     intnat len)
{
  while (len > 0) {
    int n = caml_putblock(channel, p, len);
    p += n;
    len -= n;
  }
}

CAMLexport void caml_seek_out(struct channel *channel, file_offset dest)
{
  caml_flush(channel);
  if (seek_descriptor(channel->fd, dest, SEEK_SET) != dest)
    caml_sys_error(NO_ARG);
  channel->offset = dest;
}

CAMLexport file_offset caml_pos_out(struct channel *channel)
{
  return channel->offset + (channel->curr - channel->buff);
}

/* ---- Input ---- */

/* Read into the buffer from [at] to its end; the number of bytes, 0 at the end
   of the file. */
static int read_buffer(struct channel *channel, char **at)
{
  int n;

  do {
    check_pending(channel);
    n = caml_read_fd(channel->fd, channel->flags, *at,
                     (int) (channel->end - *at));
  } while (n == -1 && errno == EINTR);
  if (n == -1) caml_sys_io_error(NO_ARG);
  channel->offset += n;
  return n;
}

/* Replace the contents of the buffer, which have all been used. */
static int refill(struct channel *channel)
{
  int n = read_buffer(channel, &channel->buff);

  channel->curr = channel->buff;
  channel->max = channel->buff + n;
  return n;
}

CAMLexport unsigned char caml_refill(struct channel *channel)
{
  if (refill(channel) == 0) caml_raise_end_of_file();
  return (unsigned char) *channel->curr++;
}

CAMLexport unsigned char caml_getch(struct channel *channel)
{
  return channel->curr < channel->max ? (unsigned char) *channel->curr++
                                      : caml_refill(channel);
}

CAMLexport uint32_t caml_getword(struct channel *channel)
{
  uint32_t w = 0;

  if (!caml_channel_binary_mode(channel))
    caml_failwith("input_binary_int: not a binary channel");
  for (int i = 0; i < 4; i++) w = w << 8 | caml_getch(channel);
  return w;
}

/* How many of [len] bytes can be taken from the buffer, after a read if it is
   empty: 0 only at the end of the file, or when [len] is 0. */
intnat caml_channel_available(struct channel *channel, intnat len)
{
  intnat n;

  check_pending(channel);
  if (len > 0 && channel->curr >= channel->max) refill(channel);
  n = channel->max - channel->curr;
  return len < n ? len : n;
}

CAMLexport int caml_getblock(struct channel *channel, char *p, intnat len)
{
  intnat n = caml_channel_available(channel, len);

  memcpy(p, channel->curr, n);
  channel->curr += n;
  return (int) n;
}

CAMLexport intnat caml_really_getblock(struct channel *channel, char *p,
                                       intnat len)
{
  intnat got = 0;

  while (got < len) {
    int n = caml_getblock(channel, p + got, len - got);
    if (n == 0) break;
    got += n;
  }
  return got;
}

CAMLexport void caml_seek_in(struct channel *channel, file_offset dest)
{
  file_offset start = channel->offset - (channel->max - channel->buff);

  if (start <= dest && dest <= channel->offset
      && caml_channel_binary_mode(channel)) {
    channel->curr = channel->max - (channel->offset - dest);
    return;
  }
  if (seek_descriptor(channel->fd, dest, SEEK_SET) != dest)
    caml_sys_error(NO_ARG);
  channel->offset = dest;
  channel->curr = channel->max = channel->buff;
}

CAMLexport file_offset caml_pos_in(struct channel *channel)
{
  return channel->offset - (channel->max - channel->curr);
}

/* Shift what was not read yet to the start of the buffer. */
static void compact(struct channel *channel)
{
  intnat n = channel->curr - channel->buff;

  memmove(channel->buff, channel->curr, channel->max - channel->curr);
  channel->curr -= n;
  channel->max -= n;
}

/* The length of the next line with its newline, all of it in the buffer; or, if
   the buffer or the file ends before, minus the number of bytes in the buffer.
   The position in the buffer is kept as a distance: reading moves things. */
intnat caml_channel_scan_line(struct channel *channel)
{
  intnat scanned = 0;

  check_pending(channel);
  for (;;) {
    intnat n = channel->max - channel->curr;
    char *newline = n <= scanned ? NULL
      : memchr(channel->curr + scanned, '\n', n - scanned);
    if (newline != NULL) return newline - channel->curr + 1;
    scanned = n;
    compact(channel);
    if (channel->max >= channel->end) return -n;
    n = read_buffer(channel, &channel->max);
    if (n == 0) return - (channel->max - channel->curr);
    channel->max += n;
  }
}
