/* Mutates marshalled values and reads them back: nothing but a value or an
 * exception may come out.  To be built with -fsanitize=address.
 *
 * usage: intern_fuzz [iterations [seed]] */

#define CAML_INTERNALS

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fake_runtime.h"
#include "caml/alloc.h"
#include "caml/intext.h"
#include "caml/mlvalues.h"

struct sample { int floats; int hash; int seeded_hash; const char *data; };
struct int_format { char type; const char *format; long long n;
                    const char *text; };
struct int_parse { char type; const char *text; int ok; long long n; };
struct float_format { const char *format; uint64_t bits; const char *text; };
struct float_parse { const char *text; int ok; uint64_t bits; };
struct digest_of { int len; const char *md5, *blake256, *blake512; };
struct half_case { uint64_t given, stored; };

#include "prims_expected.h"

extern value caml_hash(value, value, value, value);
extern value caml_output_value_to_bytes(value, value);

static uint64_t state = 1;

static unsigned random_below(unsigned n)
{
  state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
  return (unsigned) (state >> 33) % n;
}

static size_t decode(const char *hex, unsigned char *out)
{
  size_t len = strlen(hex) / 2;

  for (size_t i = 0; i < len; i++) {
    unsigned byte;
    sscanf(hex + 2 * i, "%2x", &byte);
    out[i] = (unsigned char) byte;
  }
  return len;
}

/* Codes are worth more than random bytes. */
static unsigned char random_byte(void)
{
  return random_below(2) ? random_below(0x1A) : random_below(256);
}

static size_t mutate(unsigned char *data, size_t len)
{
  for (unsigned n = 1 + random_below(4); n > 0; n--) {
    size_t at = random_below(2) && len > 20 ? 20 + random_below(len - 20)
                                            : random_below(len);
    switch (random_below(4)) {
    case 0: data[at] = random_byte(); break;
    case 1: data[at] ^= 1 << random_below(8); break;
    case 2: data[at] += random_below(3) - 1; break;
    case 3: if (random_below(8) == 0) len = at + 1; break;
    }
  }
  /* Large sizes choose the way of the major heap. */
  if (random_below(3) == 0 && len > 20) data[18] = 0x40;
  return len;
}

static int accepted = 0, refused = 0;

/* What was accepted must be a value that other primitives can walk. */
static void try(const unsigned char *data, size_t len)
{
  char *copy = malloc(len);             /* its end is watched */

  memcpy(copy, data, len);
  if (setjmp(fake_handler) == 0) {
    value v = caml_input_value_from_block(copy, len);
    accepted++;
    caml_hash(Val_int(10), Val_int(100), Val_int(0), v);
    caml_output_value_to_bytes(v, Val_emptylist);
  } else {
    refused++;
  }
  free(copy);
}

int main(int argc, char **argv)
{
  long iterations = argc > 1 ? atol(argv[1]) : 100000;
  static unsigned char data[1 << 16];

  if (argc > 2) state = strtoull(argv[2], NULL, 10);
  fake_runtime_init();
  for (long i = 0; i < iterations; i++) {
    const struct sample *s =
      &samples[random_below(sizeof samples / sizeof *samples)];
    size_t len = decode(s->data, data);
    try(data, mutate(data, len));
  }
  printf("%d accepted, %d refused\n", accepted, refused);
  return 0;
}
