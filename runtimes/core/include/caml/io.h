/* Buffered channels. */
#ifndef CAML_IO_H
#define CAML_IO_H

#ifdef CAML_INTERNALS

#include <sys/types.h>
#include "camlatomic.h"
#include "misc.h"
#include "mlvalues.h"
#include "platform.h"

#if defined(_WIN32)
typedef int64_t file_offset;
#else
typedef off_t file_offset;
#endif

struct channel {
  int fd;             /* -1: closed */
  file_offset offset; /* of the file, at the end of the buffer's contents */
  char *end;          /* of the buffer */
  char *curr;
  char *max; /* end of what was read (input channels; NULL for output) */
  caml_plat_mutex mutex;
  struct channel *next, *prev; /* all channels */
  uintnat refcount;            /* custom blocks that point here */
  int flags;
  char *buff;
  char *name; /* of a file, or NULL */
};

enum {
  CHANNEL_FLAG_FROM_SOCKET = 1,
  CHANNEL_FLAG_MANAGED_BY_GC = 4,
  CHANNEL_TEXT_MODE = 8,
  CHANNEL_FLAG_UNBUFFERED = 16
};

CAMLextern void caml_close_channel(struct channel *);
CAMLextern struct channel *caml_open_descriptor_in(int);
CAMLextern struct channel *caml_open_descriptor_out(int);
CAMLextern file_offset caml_channel_size(struct channel *);
CAMLextern void caml_seek_in(struct channel *, file_offset);
CAMLextern void caml_seek_out(struct channel *, file_offset);
CAMLextern file_offset caml_pos_in(struct channel *);
CAMLextern file_offset caml_pos_out(struct channel *);
CAMLextern value caml_alloc_channel(struct channel *chan);
CAMLextern int caml_channel_binary_mode(struct channel *);

CAMLextern int caml_flush_partial(struct channel *);
CAMLextern void caml_flush(struct channel *);
CAMLextern void caml_flush_if_unbuffered(struct channel *);
CAMLextern void caml_putch(struct channel *, int);
CAMLextern void caml_putword(struct channel *, uint32_t);
CAMLextern int caml_putblock(struct channel *, const char *, intnat);
CAMLextern void caml_really_putblock(struct channel *, const char *, intnat);

CAMLextern unsigned char caml_refill(struct channel *);
CAMLextern unsigned char caml_getch(struct channel *);
CAMLextern uint32_t caml_getword(struct channel *);
CAMLextern int caml_getblock(struct channel *, char *, intnat);
CAMLextern intnat caml_really_getblock(struct channel *, char *, intnat);

#define Channel(v) (*((struct channel **)(Data_custom_val(v))))

CAMLextern void caml_channel_lock(struct channel *);
CAMLextern void caml_channel_unlock(struct channel *);
/* An exception leaves C code: unlocks the channel that this thread holds. */
CAMLextern void caml_channel_cleanup_on_raise(void);
#define Lock(channel) caml_channel_lock(channel)
#define Unlock(channel) caml_channel_unlock(channel)

CAMLextern struct channel *caml_all_opened_channels;

#define Val_file_offset(fofs) caml_copy_int64(fofs)
#define File_offset_val(v) ((file_offset)Int64_val(v))

CAMLextern value caml_ml_open_descriptor_in(value fd);
CAMLextern value caml_ml_open_descriptor_out(value fd);
CAMLextern value caml_ml_open_descriptor_in_with_flags(int fd, int flags);
CAMLextern value caml_ml_open_descriptor_out_with_flags(int fd, int flags);

#endif /* CAML_INTERNALS */

#endif /* CAML_IO_H */
