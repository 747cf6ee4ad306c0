(* Strings and bytes: search, case, splitting, escapes, unicode, Buffer, comparison, concatenation of long strings. *)

let () =
  let s = "The quick brown fox" in
  Printf.printf "%d %c %s %s\n" (String.length s) s.[4] (String.sub s 4 5) (String.uppercase_ascii s);
  print_endline (String.concat "|" (String.split_on_char ' ' s));
  Printf.printf "%d %d %s\n" (String.index s 'q') (String.rindex s 'o')
    (match String.index_opt s 'z' with Some i -> string_of_int i | None -> "none");
  Printf.printf "%b %b %b\n" (String.starts_with ~prefix:"The" s) (String.ends_with ~suffix:"dog" s) (String.contains s 'x');
  Printf.printf "[%s] [%s]\n" (String.trim "  \t padded\n ") (String.escaped "tab\t quote\" back\\ nul\000 \200");
  print_endline (String.map (fun c -> if c = 'o' then '0' else c) s);
  print_endline (String.init 26 (fun i -> Char.chr (97 + i)));
  Printf.printf "%S %C\n" "a\nb\001" '\'';
  Printf.printf "%d %d %d\n" (compare "abc" "abd") (compare "abc" "ab") (String.compare "" "");
  Printf.printf "%b %b\n" ("abcdefgh" = "abcdefgh") ("abcdefgh" < "abcdefgi");
  print_endline (String.capitalize_ascii "word" ^ String.uncapitalize_ascii "WORD");
  (try ignore (String.sub s 10 50) with Invalid_argument m -> print_endline m);
  print_endline {|quoted "string" \n|};
  print_endline {id|another |} one|id}

let () =
  let b = Bytes.make 8 '.' in
  Bytes.set b 0 'a';
  Bytes.blit_string "xyz" 0 b 3 3;
  Bytes.set_int16_le b 6 0x4142;
  print_endline (Bytes.to_string b);
  let b = Bytes.make 16 '\000' in
  Bytes.set_int64_be b 0 0x0102030405060708L;
  Bytes.set_int32_le b 8 0x11223344l;
  Bytes.iter (fun c -> Printf.printf "%02x" (Char.code c)) b;
  Printf.printf " %Lx %lx %d\n" (Bytes.get_int64_le b 0) (Bytes.get_int32_be b 8) (Bytes.get_uint16_be b 0);
  Bytes.fill b 2 4 'z';
  Printf.printf "%S\n" (Bytes.sub_string b 0 8);
  print_endline (Bytes.to_string (Bytes.cat (Bytes.of_string "left ") (Bytes.of_string "right")))

let () =
  let buffer = Buffer.create 4 in
  for i = 1 to 20 do
    Buffer.add_string buffer (string_of_int (i * i));
    Buffer.add_char buffer ','
  done;
  Buffer.add_utf_8_uchar buffer (Uchar.of_int 0x20ac);
  Printf.bprintf buffer " %d items" 20;
  print_endline (Buffer.contents buffer);
  Printf.printf "%d\n" (Buffer.length buffer);
  Buffer.clear buffer;
  Buffer.add_substring buffer "substring" 3 3;
  print_endline (Buffer.contents buffer);
  let u = String.get_utf_8_uchar "\xe2\x82\xac" 0 in
  Printf.printf "%b %x %d\n" (Uchar.utf_decode_is_valid u) (Uchar.to_int (Uchar.utf_decode_uchar u)) (Uchar.utf_decode_length u);
  let long = String.concat "" (List.init 1000 (fun i -> String.make (i mod 7) (Char.chr (65 + (i mod 26))))) in
  Printf.printf "%d %d\n" (String.length long) (Hashtbl.hash long);
  print_endline (String.of_seq (Seq.filter (fun c -> c <> 'a') (String.to_seq "banana")))
