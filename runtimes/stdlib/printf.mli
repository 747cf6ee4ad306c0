(** Formatted output.

    A conversion is [%\[flags\]\[width\]\[.precision\]letter]. Flags: [-]
    left-justify, [0] pad with zeros, [+] or space before numbers that are
    not negative, [#] alternative form. Width and precision are integers or
    [*] for an argument.

    Letters: [d i] decimal, [u] unsigned, [x X] hexadecimal, [o] octal,
    preceded by [l], [n] or [L] for [int32], [nativeint] and [int64]; [f e E
    g G] floats as in C, [F] as in OCaml, [h H] hexadecimal; [s] string and
    [c] character, [S C] as in OCaml; [B b] boolean; [a] a printer and its
    argument, [t] a printer; [{fmt%}] and [(fmt%)] a format; [!] flush, [%],
    [@] and [,] nothing. *)

(** Print on a channel. *)
val fprintf : out_channel -> ('a, out_channel, unit) format -> 'a

(** Print on standard output. *)
val printf : ('a, out_channel, unit) format -> 'a

(** Print on standard error. *)
val eprintf : ('a, out_channel, unit) format -> 'a

(** The result as a string. [%a] printers return strings. *)
val sprintf : ('a, unit, string) format -> 'a

(** Print at the end of a buffer. *)
val bprintf : Buffer.t -> ('a, Buffer.t, unit) format -> 'a

(** Print nothing. *)
val ifprintf : 'b -> ('a, 'b, 'c, unit) format4 -> 'a

(** The same for buffers. Since 4.11. *)
val ibprintf : Buffer.t -> ('a, Buffer.t, unit) format -> 'a

(** {!fprintf}, then apply a function to the channel. *)
val kfprintf : (out_channel -> 'd) -> out_channel ->
    ('a, out_channel, unit, 'd) format4 -> 'a

(** Print nothing and apply a function. Since 4.01. *)
val ikfprintf : ('b -> 'd) -> 'b -> ('a, 'b, 'c, 'd) format4 -> 'a

(** {!sprintf}, then apply a function to the result. *)
val ksprintf : (string -> 'd) -> ('a, unit, string, 'd) format4 -> 'a

(** {!bprintf}, then apply a function to the buffer. *)
val kbprintf : (Buffer.t -> 'd) -> Buffer.t ->
    ('a, Buffer.t, unit, 'd) format4 -> 'a

(** {!ikfprintf} for buffers. Since 4.11. *)
val ikbprintf : (Buffer.t -> 'd) -> Buffer.t ->
    ('a, Buffer.t, unit, 'd) format4 -> 'a

(** The former name of {!ksprintf}. *)
val kprintf : (string -> 'b) -> ('a, unit, string, 'b) format4 -> 'a
  [@@ocaml.deprecated "Use Printf.ksprintf instead."]
