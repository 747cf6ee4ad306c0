/* Buffered channels.
 *
 * Counterpart of upstream's runtime/io.c.
 *
 * Invariants:
 * - an output channel has max == NULL, an input channel has curr <= max;
 *   a closed channel has fd == -1, a one-byte buffer that belongs to nobody, and
 *   curr == max, so that reads and writes alike find no room and ask the system,
 *   which refuses;
 * - offset is the position in the file of the start of the buffer (output) or
 *   of max (input);
 * - a channel is locked while its buffer is used, and at most one is locked by
 *   a thread; what raises leaves the unlocking to caml_channel_cleanup_on_raise.
 *
 * While a domain waits in the system another may collect: nothing computed from
 * the address of an OCaml string is used after a read or a write. */

#define CAML_INTERNALS

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "caml/alloc.h"
#include "caml/bigarray.h"
#include "caml/custom.h"
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

static void link_channel(struct channel *channel)
{
  channel->prev = NULL;
  channel->next = caml_all_opened_channels;
  if (channel->next != NULL) channel->next->prev = channel;
  caml_all_opened_channels = channel;
}

static void unlink_channel(struct channel *channel)
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

static char closed_buffer[1];

static bool is_output(const struct channel *channel)
{
  return channel->max == NULL;
}

static void free_channel(struct channel *channel)
{
  caml_plat_mutex_free(&channel->mutex);
  caml_stat_free(channel->name);
  if (channel->buff != closed_buffer) caml_stat_free(channel->buff);
  caml_stat_free(channel);
}

CAMLexport void caml_close_channel(struct channel *channel)
{
  close(channel->fd);
  free_channel(channel);
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
CAMLexport int caml_putblock(struct channel *channel, const char *p,
                             intnat len)
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
static intnat available(struct channel *channel, intnat len)
{
  intnat n;

  check_pending(channel);
  if (len > 0 && channel->curr >= channel->max) refill(channel);
  n = channel->max - channel->curr;
  return len < n ? len : n;
}

CAMLexport int caml_getblock(struct channel *channel, char *p, intnat len)
{
  intnat n = available(channel, len);

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
static intnat scan_line(struct channel *channel)
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

/* ---- Channels as values ---- */

static void warn_unclosed(const struct channel *channel, bool unflushed)
{
  if (channel->name == NULL || !caml_runtime_warnings_active()) return;
  if (channel->fd != -1)
    fprintf(stderr,
            "[ocaml] channel opened on file '%s' dies without being closed\n",
            channel->name);
  if (unflushed)
    fprintf(stderr, "[ocaml] (moreover, it has unflushed data)\n");
}

/* A finaliser may neither raise nor wait, so it cannot flush: a channel with
   buffered data is kept for the flush at exit. */
static void finalize_channel(value vchannel)
{
  struct channel *channel = Channel(vchannel);
  bool unflushed = is_output(channel) && channel->curr != channel->buff;
  bool keep;

  if ((channel->flags & CHANNEL_FLAG_MANAGED_BY_GC) == 0) return;
  warn_unclosed(channel, unflushed);
  caml_plat_lock_blocking(&caml_all_opened_channels_mutex);
  keep = --channel->refcount > 0 || unflushed;
  if (!keep) unlink_channel(channel);
  caml_plat_unlock(&caml_all_opened_channels_mutex);
  if (!keep) free_channel(channel);
}

static int compare_channels(value v1, value v2)
{
  uintnat a = (uintnat) Channel(v1), b = (uintnat) Channel(v2);
  return (a > b) - (a < b);
}

static intnat hash_channel(value v)
{
  return (intnat) Channel(v);
}

static const struct custom_operations channel_operations = {
  "_chan",
  finalize_channel,
  compare_channels,
  hash_channel,
  custom_serialize_default,
  custom_deserialize_default,
  custom_compare_ext_default,
  custom_fixed_length_default
};

CAMLexport value caml_alloc_channel(struct channel *channel)
{
  value res = caml_alloc_custom(&channel_operations, sizeof channel, 0, 1);

  Channel(res) = channel;
  return res;
}

static value publish_channel(struct channel *channel, int flags)
{
  channel->flags |= flags | CHANNEL_FLAG_MANAGED_BY_GC;
  channel->refcount = 1;
  caml_plat_lock_blocking(&caml_all_opened_channels_mutex);
  link_channel(channel);
  caml_plat_unlock(&caml_all_opened_channels_mutex);
  return caml_alloc_channel(channel);
}

CAMLprim value caml_ml_open_descriptor_in_with_flags(int fd, int flags)
{
  return publish_channel(caml_open_descriptor_in(fd), flags);
}

CAMLprim value caml_ml_open_descriptor_out_with_flags(int fd, int flags)
{
  return publish_channel(caml_open_descriptor_out(fd), flags);
}

CAMLprim value caml_ml_open_descriptor_in(value fd)
{
  return caml_ml_open_descriptor_in_with_flags(Int_val(fd), 0);
}

CAMLprim value caml_ml_open_descriptor_out(value fd)
{
  return caml_ml_open_descriptor_out_with_flags(Int_val(fd), 0);
}

/* The name is for warnings; an empty one is none. */
CAMLprim value caml_ml_set_channel_name(value vchannel, value vname)
{
  struct channel *channel = Channel(vchannel);

  caml_stat_free(channel->name);
  channel->name = caml_string_length(vname) > 0
    ? caml_stat_strdup(String_val(vname)) : NULL;
  return Val_unit;
}

/* Output channels that are not closed.  Their count is raised first, under the
   lock, which keeps them alive; the values are allocated afterwards, because a
   collection may run finalisers, which take the lock. */
CAMLprim value caml_ml_out_channels_list(value unit)
{
  CAMLparam1(unit);
  CAMLlocal2(list, vchannel);
  struct ext_table channels;

  caml_ext_table_init(&channels, 8);
  caml_plat_lock_blocking(&caml_all_opened_channels_mutex);
  for (struct channel *c = caml_all_opened_channels; c != NULL; c = c->next) {
    if (!is_output(c)) continue;
    if (caml_ext_table_add_noexc(&channels, c) == -1)
      caml_fatal_error("caml_ml_out_channels_list: out of memory");
    c->refcount++;
  }
  caml_plat_unlock(&caml_all_opened_channels_mutex);

  list = Val_emptylist;
  for (int i = channels.size - 1; i >= 0; i--) {
    vchannel = caml_alloc_channel(channels.contents[i]);
    list = caml_alloc_2(Tag_cons, vchannel, list);
  }
  caml_ext_table_free(&channels, 0);
  CAMLreturn(list);
}

CAMLprim value caml_channel_descriptor(value vchannel)
{
  int fd = Channel(vchannel)->fd;

  if (fd == -1) {
    errno = EBADF;
    caml_sys_error(NO_ARG);
  }
  return Val_int(fd);
}

/* An output channel has been flushed by the OCaml side. */
CAMLprim value caml_ml_close_channel(value vchannel)
{
  CAMLparam1(vchannel);
  struct channel *channel = Channel(vchannel);
  int fd, res = 0;

  caml_channel_lock(channel);
  fd = channel->fd;
  if (fd != -1) {
    bool output = is_output(channel);
    channel->fd = -1;
    caml_stat_free(channel->buff);
    channel->buff = closed_buffer;
    channel->end = closed_buffer + 1;
    channel->curr = channel->max = output ? channel->end : channel->buff;
    caml_enter_blocking_section_no_pending();
    res = close(fd);
    caml_leave_blocking_section();
  }
  if (res == -1) caml_sys_error(NO_ARG);
  caml_channel_unlock(channel);
  CAMLreturn(Val_unit);
}

/* ---- Primitives: any channel ---- */

static value boxed_size(file_offset size)
{
  if (size > Max_long) {
    errno = EOVERFLOW;
    caml_sys_error(NO_ARG);
  }
  return Val_long(size);
}

/* Apply [f] to a channel under its lock. */
static file_offset locked(file_offset (*f)(struct channel *), value vchannel)
{
  CAMLparam1(vchannel);
  struct channel *channel = Channel(vchannel);
  file_offset res;

  caml_channel_lock(channel);
  res = f(channel);
  caml_channel_unlock(channel);
  CAMLreturnT(file_offset, res);
}

static value locked_seek(void (*f)(struct channel *, file_offset),
                         value vchannel, file_offset dest)
{
  CAMLparam1(vchannel);
  struct channel *channel = Channel(vchannel);

  caml_channel_lock(channel);
  f(channel, dest);
  caml_channel_unlock(channel);
  CAMLreturn(Val_unit);
}

CAMLprim value caml_ml_channel_size(value vchannel)
{
  return boxed_size(locked(caml_channel_size, vchannel));
}

CAMLprim value caml_ml_channel_size_64(value vchannel)
{
  return Val_file_offset(locked(caml_channel_size, vchannel));
}

CAMLprim value caml_ml_pos_in(value vchannel)
{
  return boxed_size(locked(caml_pos_in, vchannel));
}

CAMLprim value caml_ml_pos_in_64(value vchannel)
{
  return Val_file_offset(locked(caml_pos_in, vchannel));
}

CAMLprim value caml_ml_pos_out(value vchannel)
{
  return boxed_size(locked(caml_pos_out, vchannel));
}

CAMLprim value caml_ml_pos_out_64(value vchannel)
{
  return Val_file_offset(locked(caml_pos_out, vchannel));
}

CAMLprim value caml_ml_seek_in(value vchannel, value pos)
{
  return locked_seek(caml_seek_in, vchannel, Long_val(pos));
}

CAMLprim value caml_ml_seek_in_64(value vchannel, value pos)
{
  return locked_seek(caml_seek_in, vchannel, File_offset_val(pos));
}

CAMLprim value caml_ml_seek_out(value vchannel, value pos)
{
  return locked_seek(caml_seek_out, vchannel, Long_val(pos));
}

CAMLprim value caml_ml_seek_out_64(value vchannel, value pos)
{
  return locked_seek(caml_seek_out, vchannel, File_offset_val(pos));
}

/* Text and binary are the same on Unix. */
CAMLprim value caml_ml_set_binary_mode(value vchannel, value mode)
{
  (void) vchannel;
  (void) mode;
  return Val_unit;
}

CAMLprim value caml_ml_is_binary_mode(value vchannel)
{
  return Val_bool(caml_channel_binary_mode(Channel(vchannel)));
}

CAMLprim value caml_ml_is_buffered(value vchannel)
{
  return Val_bool((Channel(vchannel)->flags & CHANNEL_FLAG_UNBUFFERED) == 0);
}

CAMLprim value caml_terminfo_rows(value vchannel)
{
  return Val_int(caml_num_rows_fd(Channel(vchannel)->fd));
}

/* ---- Primitives: output ---- */

static file_offset flush_open(struct channel *channel)
{
  /* A closed channel has nothing to flush, and may close while we wait. */
  while (channel->fd != -1 && !flush_partial(channel)) ;
  return 0;
}

CAMLprim value caml_ml_flush(value vchannel)
{
  locked(flush_open, vchannel);
  return Val_unit;
}

static file_offset make_unbuffered(struct channel *channel)
{
  channel->flags |= CHANNEL_FLAG_UNBUFFERED;
  return flush_open(channel);
}

CAMLprim value caml_ml_set_buffered(value vchannel, value mode)
{
  if (Bool_val(mode)) Channel(vchannel)->flags &= ~CHANNEL_FLAG_UNBUFFERED;
  else locked(make_unbuffered, vchannel);
  return Val_unit;
}

CAMLprim value caml_ml_output_char(value vchannel, value ch)
{
  CAMLparam1(vchannel);
  struct channel *channel = Channel(vchannel);

  caml_channel_lock(channel);
  caml_putch(channel, (int) Long_val(ch));
  caml_flush_if_unbuffered(channel);
  caml_channel_unlock(channel);
  CAMLreturn(Val_unit);
}

CAMLprim value caml_ml_output_int(value vchannel, value w)
{
  CAMLparam1(vchannel);
  struct channel *channel = Channel(vchannel);

  caml_channel_lock(channel);
  caml_putword(channel, (uint32_t) Long_val(w));
  caml_flush_if_unbuffered(channel);
  caml_channel_unlock(channel);
  CAMLreturn(Val_unit);
}

CAMLprim value caml_ml_output_bytes(value vchannel, value buff, value start,
                                    value length)
{
  CAMLparam2(vchannel, buff);
  struct channel *channel = Channel(vchannel);
  intnat pos = Long_val(start), len = Long_val(length);

  caml_channel_lock(channel);
  while (len > 0) {
    int n = caml_putblock(channel, (char *) &Byte(buff, pos), len);
    pos += n;
    len -= n;
  }
  caml_flush_if_unbuffered(channel);
  caml_channel_unlock(channel);
  CAMLreturn(Val_unit);
}

CAMLprim value caml_ml_output(value vchannel, value buff, value start,
                              value length)
{
  return caml_ml_output_bytes(vchannel, buff, start, length);
}

CAMLprim value caml_ml_output_bigarray(value vchannel, value vbuf, value vpos,
                                       value vlen)
{
  CAMLparam2(vchannel, vbuf);
  struct channel *channel = Channel(vchannel);

  caml_channel_lock(channel);
  caml_really_putblock(channel,
                       (char *) Caml_ba_data_val(vbuf) + Long_val(vpos),
                       Long_val(vlen));
  caml_flush_if_unbuffered(channel);
  caml_channel_unlock(channel);
  CAMLreturn(Val_unit);
}

/* ---- Primitives: input ---- */

static file_offset get_character(struct channel *channel)
{
  return caml_getch(channel);
}

CAMLprim value caml_ml_input_char(value vchannel)
{
  return Val_long(locked(get_character, vchannel));
}

static file_offset get_word(struct channel *channel)
{
  return (int32_t) caml_getword(channel);
}

CAMLprim value caml_ml_input_int(value vchannel)
{
  return Val_long(locked(get_word, vchannel));
}

CAMLprim value caml_ml_input(value vchannel, value buff, value vstart,
                             value vlength)
{
  CAMLparam2(vchannel, buff);
  struct channel *channel = Channel(vchannel);
  intnat n;

  caml_channel_lock(channel);
  n = available(channel, Long_val(vlength));
  memcpy(&Byte(buff, Long_val(vstart)), channel->curr, n);
  channel->curr += n;
  caml_channel_unlock(channel);
  CAMLreturn(Val_long(n));
}

CAMLprim value caml_ml_input_bigarray(value vchannel, value vbuf, value vpos,
                                      value vlen)
{
  CAMLparam2(vchannel, vbuf);
  struct channel *channel = Channel(vchannel);
  intnat n;

  caml_channel_lock(channel);
  n = caml_getblock(channel, (char *) Caml_ba_data_val(vbuf) + Long_val(vpos),
                    Long_val(vlen));
  caml_channel_unlock(channel);
  CAMLreturn(Val_long(n));
}

static file_offset scan_line_of(struct channel *channel)
{
  return scan_line(channel);
}

CAMLprim value caml_ml_input_scan_line(value vchannel)
{
  return Val_long(locked(scan_line_of, vchannel));
}
