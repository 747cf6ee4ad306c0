(* Channels and files: writing, reading back, seeking, binary, lines, Sys and Filename. *)

let () =
  let name = Filename.temp_file "rocaml" ".txt" in
  let oc = open_out name in
  for i = 1 to 1000 do Printf.fprintf oc "line %d\n" i done;
  close_out oc;
  let ic = open_in name in
  Printf.printf "%d\n" (in_channel_length ic);
  let rec count n = match input_line ic with _ -> count (n + 1) | exception End_of_file -> n in
  Printf.printf "%d\n" (count 0);
  seek_in ic 5;
  Printf.printf "%s %d\n" (input_line ic) (pos_in ic);
  close_in ic;
  let lines = In_channel.with_open_text name In_channel.input_lines in
  Printf.printf "%d %s\n" (List.length lines) (List.nth lines 499);
  Out_channel.with_open_bin name (fun oc ->
      output_binary_int oc 0x01020304;
      output_byte oc 0xff;
      output_string oc "tail";
      output_value oc [ 1, "one"; 2, "two" ]);
  In_channel.with_open_bin name (fun ic ->
      let n = input_binary_int ic in
      let b = input_byte ic in
      let s = really_input_string ic 4 in
      let l : (int * string) list = input_value ic in
      Printf.printf "%x %x %s %s\n" n b s (String.concat " " (List.map (fun (n, s) -> string_of_int n ^ s) l)));
  Printf.printf "%b %b\n" (Sys.file_exists name) (Sys.is_directory name);
  Sys.remove name;
  (match open_in name with
  | _ -> print_endline "wrong"
  | exception Sys_error m -> print_endline (String.sub m (String.length name) (String.length m - String.length name)));
  print_endline (Filename.concat "a" "b.ml");
  Printf.printf "%s %s %s %s\n" (Filename.basename "/x/y.ml") (Filename.dirname "/x/y.ml") (Filename.chop_extension "y.ml")
    (Filename.extension "z.tar.gz");
  Printf.printf "%s %d %b\n" Sys.os_type Sys.word_size (Array.length Sys.argv = 1);
  Printf.printf "%s\n" (Option.value (Sys.getenv_opt "NO_SUCH_VARIABLE") ~default:"unset");
  print_endline (Filename.quote "it's");
  output_string stdout "no newline";
  print_newline ();
  flush_all ()
