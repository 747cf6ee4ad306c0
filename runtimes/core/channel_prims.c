/* Channels as values, and the primitives on them.
 *
 * Counterpart of the second half of upstream's runtime/io.c.  Each primitive
 * locks its channel; exceptions unlock it (caml_channel_cleanup_on_raise).
 * While a domain waits in the system another may collect: nothing computed from
 * the address of an OCaml string is used after a read or a write. */

#define CAML_INTERNALS

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "io_impl.h"
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
  if (!keep) caml_unlink_channel(channel);
  caml_plat_unlock(&caml_all_opened_channels_mutex);
  if (!keep) caml_free_channel(channel);
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
  caml_link_channel(channel);
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
    channel->buff = caml_closed_channel_buffer;
    channel->end = caml_closed_channel_buffer + 1;
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
  while (channel->fd != -1 && !caml_flush_partial(channel)) ;
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
  n = caml_channel_available(channel, Long_val(vlength));
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
  return caml_channel_scan_line(channel);
}

CAMLprim value caml_ml_input_scan_line(value vchannel)
{
  return Val_long(locked(scan_line_of, vchannel));
}
