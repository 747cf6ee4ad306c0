/* Unit tests of the primitives, against results of OCaml 5.4.1.
 *
 * Values come from marshalled data: so reading and writing, hashing and
 * comparison are tested together, on every sort of block. */

#define CAML_INTERNALS

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fake_runtime.h"
#include "caml/alloc.h"
#include "caml/intext.h"
#include "caml/io.h"
#include "caml/memory.h"
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

#define COUNT(table) ((int) (sizeof (table) / sizeof *(table)))

extern value caml_hash(value, value, value, value);
extern value caml_compare(value, value), caml_equal(value, value);
extern value caml_output_value_to_bytes(value, value);
extern value caml_input_value_from_bytes(value, value);
extern value caml_format_int(value, value), caml_int_of_string(value);
extern value caml_int32_format(value, value), caml_int32_of_string(value);
extern value caml_int64_format(value, value), caml_int64_of_string(value);
extern value caml_format_float(value, value), caml_float_of_string(value);
extern value caml_hexstring_of_float(value, value, value);
extern value caml_md5_string(value, value, value);
extern value caml_blake2_string(value, value, value, value, value);
extern value caml_obj_reachable_words(value);
extern value caml_ml_input_scan_line(value), caml_ml_pos_in(value);
extern value caml_ml_output(value, value, value, value);
extern value caml_ml_flush(value), caml_ml_seek_in(value, value);
extern value caml_ml_input(value, value, value, value);
extern value caml_array_make(value, value), caml_array_concat(value);
extern value caml_array_append(value, value);
extern value caml_array_get(value, value);
extern double caml_double_of_float16(intnat);
extern intnat caml_float16_of_double(double);

static int failures = 0, checks = 0;

static void check(bool ok, const char *what, int i, const char *got,
                  const char *expected)
{
  checks++;
  if (ok) return;
  failures++;
  printf("%s %d: got %s, expected %s\n", what, i, got, expected);
}

static void check_int(const char *what, int i, long long got,
                      long long expected)
{
  char a[32], b[32];

  snprintf(a, sizeof a, "%lld", got);
  snprintf(b, sizeof b, "%lld", expected);
  check(got == expected, what, i, a, b);
}

static void check_text(const char *what, int i, value got,
                       const char *expected)
{
  check(strcmp(String_val(got), expected) == 0, what, i, String_val(got),
        expected);
}

/* ---- Values ---- */

static value string_of_hex(const char *hex)
{
  mlsize_t len = strlen(hex) / 2;
  value v = caml_alloc_string(len);

  for (mlsize_t i = 0; i < len; i++) {
    unsigned byte;
    sscanf(hex + 2 * i, "%2x", &byte);
    Byte(v, i) = (char) byte;
  }
  return v;
}

static bool big_endian(void)
{
  const uint16_t one = 1;
  return *(const char *) &one == 0;
}

static value values[COUNT(samples)];

static void test_values(void)
{
  for (int i = 0; i < COUNT(samples); i++) {
    value data = string_of_hex(samples[i].data), out;
    values[i] = caml_input_value_from_bytes(data, Val_int(0));
    out = caml_output_value_to_bytes(values[i], Val_emptylist);
    if (!(samples[i].floats && big_endian()))
      check(caml_string_length(out) == caml_string_length(data)
            && memcmp(String_val(out), String_val(data),
                      caml_string_length(out)) == 0,
            "marshal", i, "other bytes", samples[i].data);
    out = caml_input_value_from_bytes(out, Val_int(0));
    check_int("round trip", i, Long_val(caml_compare(out, values[i])), 0);
    check_int("hash", i,
              Long_val(caml_hash(Val_int(10), Val_int(100), Val_int(0),
                                 values[i])), samples[i].hash);
    check_int("seeded hash", i,
              Long_val(caml_hash(Val_int(10), Val_int(100), Val_int(42),
                                 values[i])), samples[i].seeded_hash);
  }
}

static void test_compare(void)
{
  for (int i = 0; i < COUNT(samples); i++)
    for (int j = 0; j < COUNT(samples); j++) {
      char got[2] = "=", expected[2] = { orders[i][j], 0 };
      intnat order = Long_val(caml_compare(values[i], values[j]));
      got[0] = order < 0 ? '-' : order > 0 ? '+' : '=';
      check(got[0] == expected[0], "compare", 1000 * i + j, got, expected);
    }
}

/* The library decomposes "%h" and its like before it calls the runtime. */
static value format_float(const char *format, double d)
{
  value box = caml_copy_double(d);
  size_t len = strlen(format);
  const char *dot = strchr(format, '.');

  if (format[len - 1] != 'h')
    return caml_format_float(caml_copy_string(format), box);
  return caml_hexstring_of_float(box, Val_int(dot ? atoi(dot + 1) : -1),
                                 Val_int(format[1] == '+' ? '+' : '-'));
}

static void test_formats(void)
{
  for (int i = 0; i < COUNT(int_formats); i++) {
    const struct int_format *t = &int_formats[i];
    value fmt = caml_copy_string(t->format);
    value got = t->type == 'i' ? caml_format_int(fmt, Val_long(t->n))
      : t->type == 'l' ? caml_int32_format(fmt, caml_copy_int32(t->n))
      : caml_int64_format(fmt, caml_copy_int64(t->n));
    check_text(t->format, i, got, t->text);
  }
  for (int i = 0; i < COUNT(float_formats); i++) {
    const struct float_format *t = &float_formats[i];
    double d;
    memcpy(&d, &t->bits, sizeof d);
    check_text(t->format, i, format_float(t->format, d), t->text);
  }
}

static bool parse_int(char type, value s, long long *n)
{
  if (setjmp(fake_handler)) return false;
  *n = type == 'i' ? Long_val(caml_int_of_string(s))
    : type == 'l' ? Int32_val(caml_int32_of_string(s))
    : Int64_val(caml_int64_of_string(s));
  return true;
}

static bool parse_float(value s, double *d)
{
  if (setjmp(fake_handler)) return false;
  *d = Double_val(caml_float_of_string(s));
  return true;
}

static void test_parses(void)
{
  for (int i = 0; i < COUNT(int_parses); i++) {
    const struct int_parse *t = &int_parses[i];
    long long n = 0;
    check_int(t->text, i, parse_int(t->type, caml_copy_string(t->text), &n),
              t->ok);
    check_int(t->text, i, n, t->n);
  }
  for (int i = 0; i < COUNT(float_parses); i++) {
    const struct float_parse *t = &float_parses[i];
    double d = 0.0;
    uint64_t bits;
    check_int(t->text, i, parse_float(caml_copy_string(t->text), &d), t->ok);
    memcpy(&bits, &d, sizeof bits);
    if (d == d) check_int(t->text, i, (long long) bits, (long long) t->bits);
  }
}

static void check_digest(const char *what, int i, value got,
                         const char *expected)
{
  value raw = string_of_hex(expected);

  check(caml_string_length(got) == caml_string_length(raw)
        && memcmp(String_val(got), String_val(raw),
                  caml_string_length(raw)) == 0, what, i, "other", expected);
}

static void test_digests(void)
{
  for (int i = 0; i < COUNT(digests); i++) {
    int len = digests[i].len;
    value s = caml_alloc_string(len), key = caml_copy_string("");
    for (int j = 0; j < len; j++) Byte(s, j) = (char) (j * 7);
    check_digest("md5", i, caml_md5_string(s, Val_int(0), Val_int(len)),
                 digests[i].md5);
    check_digest("blake256", i,
                 caml_blake2_string(Val_int(32), key, s, Val_int(0),
                                    Val_int(len)), digests[i].blake256);
    check_digest("blake512", i,
                 caml_blake2_string(Val_int(64), key, s, Val_int(0),
                                    Val_int(len)), digests[i].blake512);
  }
}

static void test_halves(void)
{
  for (int i = 0; i < COUNT(halves); i++) {
    double d;
    uint64_t bits;
    memcpy(&d, &halves[i].given, sizeof d);
    d = caml_double_of_float16(caml_float16_of_double(d));
    memcpy(&bits, &d, sizeof bits);
    check_int("float16", i, (long long) bits, (long long) halves[i].stored);
  }
}

/* ---- Errors ---- */

static void refuse(const char *what, value (*f)(value), value arg,
                   const char *message)
{
  if (setjmp(fake_handler) == 0) {
    f(arg);
    check(false, what, 0, "a result", message);
  } else {
    check(strcmp(fake_message, message) == 0, what, 0, fake_message, message);
  }
}

static value input(value data)
{
  return caml_input_value_from_bytes(data, Val_int(0));
}

static value output(value v)
{
  return caml_output_value_to_bytes(v, Val_emptylist);
}

static value compare_self(value v)
{
  return caml_equal(v, v);
}

static void test_errors(void)
{
  refuse("bad magic", input,
         caml_alloc_initialized_string(20, "abcdefghijklmnopqrst"),
         "Failure: input_val_from_string: bad object");
  refuse("short", input,
         string_of_hex("8495a6be00000005000000000000000000000000"),
         "Failure: input_val_from_string: bad length");
  refuse("compressed", input,
         string_of_hex("8495a6bd0a010101010140404040404040404040"),
         "Failure: input_val_from_string: compressed object, "
         "cannot decompress");
  refuse("shared", input,
         string_of_hex("8495a6be000000020000000000000000000000000405"),
         "Failure: input_val_from_string: invalid shared reference");
  refuse("abstract", output, caml_alloc(1, Abstract_tag),
         "Invalid: output_value: abstract value (Abstract)");
  refuse("compare abstract", compare_self, caml_alloc(1, Abstract_tag),
         "Invalid: compare: abstract value");
}

/* ---- Arrays ---- */

static void test_arrays(void)
{
  value ints = caml_array_make(Val_int(300), Val_int(7));
  value floats = caml_array_make(Val_int(3), caml_copy_double(1.5));
  value list;

  check_int("make", 0, Wosize_val(ints), 300);
  check_int("make float", 0, Tag_val(floats), Double_array_tag);
  check_int("append", 0, Wosize_val(caml_array_append(ints, ints)), 600);
  list = caml_alloc_2(0, Atom(0), Val_emptylist);
  for (int i = 0; i < 40; i++) list = caml_alloc_2(0, floats, list);
  list = caml_array_concat(list);
  check_int("concat", 0, Wosize_val(list), 120);
  check_int("concat", 1, Double_val(caml_array_get(list, Val_int(119))) == 1.5,
            1);
  check_int("reachable", 0, Long_val(caml_obj_reachable_words(floats)), 4);
}

/* ---- Channels ---- */

static void test_channels(void)
{
  char name[] = "/tmp/prims_test_XXXXXX";
  int fd = mkstemp(name);
  value out = caml_ml_open_descriptor_out(Val_int(fd)), in;
  value line = caml_copy_string("a line of text\n");
  intnat len = 15;

  for (int i = 0; i < 10000; i++)
    caml_ml_output(out, line, Val_int(0), Val_long(len));
  caml_ml_flush(out);
  lseek(fd, 0, SEEK_SET);
  in = caml_ml_open_descriptor_in(Val_int(fd));
  for (int i = 0; i < 10000; i++) {
    value buf = caml_alloc_string(len);
    check_int("scan", i, Long_val(caml_ml_input_scan_line(in)), len);
    caml_ml_input(in, buf, Val_int(0), Val_long(len));
    check_text("line", i, buf, "a line of text\n");
  }
  check_int("end", 0, Long_val(caml_ml_input_scan_line(in)), 0);
  caml_ml_seek_in(in, Val_int(149985));
  check_int("pos", 0, Long_val(caml_ml_pos_in(in)), 149985);
  check_int("last", 0, Long_val(caml_ml_input_scan_line(in)), len);
  unlink(name);
}

int main(void)
{
  fake_runtime_init();
  test_values();
  test_compare();
  test_formats();
  test_parses();
  test_digests();
  test_halves();
  test_errors();
  test_arrays();
  test_channels();
  printf("%d checks, %d failures\n", checks, failures);
  return failures != 0;
}
