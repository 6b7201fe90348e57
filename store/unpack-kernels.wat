;; The hot part of reading a frame: columns from the mode in which they lie there, as spool-column.ts
;; draws the modes and does it for batches whose columns lie elsewhere; a test holds the two
;; together. This is no generated code: it reads a table, and who fills that checks every bound
;; before.
;;
;; An entry of the table is four i32:
;;
;;    0 way, its number in the table below      8 column
;;    4 where what it is made of stands        12 octets, or from $v4 on rows; not 0
(module
  (import "host" "memory" (memory 1))
  (type $way (func (param i32 i32 i32)))
  (table funcref (elem
    $zero $copy $ones $twos $fours $eights $sixteens $v4 $low $serial $near))

  (func (export "unpack") (param $entry i32) (param $end i32)
    (loop $next
      (call_indirect (type $way)
        (i32.load offset=4 (local.get $entry))
        (i32.load offset=8 (local.get $entry))
        (i32.load offset=12 (local.get $entry))
        (i32.load (local.get $entry)))
      (br_if $next (i32.lt_u
        (local.tee $entry (i32.add (local.get $entry) (i32.const 16)))
        (local.get $end)))))

  (func $zero (param $from i32) (param $to i32) (param $bytes i32)
    (memory.fill (local.get $to) (i32.const 0) (local.get $bytes)))

  (func $copy (param $from i32) (param $to i32) (param $bytes i32)
    (memory.copy (local.get $to) (local.get $from) (local.get $bytes)))

  ;; One row again and again: sixteen octets of them at a time, and nothing behind the last.
  (func $fill (param $rows v128) (param $to i32) (param $bytes i32)
    (local $last i32)
    (if (i32.ge_u (local.get $bytes) (i32.const 16))
      (then
        (local.set $last (i32.add (local.get $to) (i32.sub (local.get $bytes) (i32.const 16))))
        (loop $next
          (v128.store (local.get $to) (local.get $rows))
          (br_if $next (i32.lt_u
            (local.tee $to (i32.add (local.get $to) (i32.const 16)))
            (local.get $last))))
        (v128.store (local.get $last) (local.get $rows))
        (return)))
    ;; No row is longer than the shortest piece that is left.
    (if (i32.and (local.get $bytes) (i32.const 8)) (then
      (v128.store64_lane 0 (local.get $to) (local.get $rows))
      (local.set $to (i32.add (local.get $to) (i32.const 8)))))
    (if (i32.and (local.get $bytes) (i32.const 4)) (then
      (v128.store32_lane 0 (local.get $to) (local.get $rows))
      (local.set $to (i32.add (local.get $to) (i32.const 4)))))
    (if (i32.and (local.get $bytes) (i32.const 2)) (then
      (v128.store16_lane 0 (local.get $to) (local.get $rows))
      (local.set $to (i32.add (local.get $to) (i32.const 2)))))
    (if (i32.and (local.get $bytes) (i32.const 1)) (then
      (v128.store8_lane 0 (local.get $to) (local.get $rows)))))

  (func $ones (param $from i32) (param $to i32) (param $bytes i32)
    (call $fill (v128.load8_splat (local.get $from)) (local.get $to) (local.get $bytes)))

  (func $twos (param $from i32) (param $to i32) (param $bytes i32)
    (call $fill (v128.load16_splat (local.get $from)) (local.get $to) (local.get $bytes)))

  (func $fours (param $from i32) (param $to i32) (param $bytes i32)
    (call $fill (v128.load32_splat (local.get $from)) (local.get $to) (local.get $bytes)))

  (func $eights (param $from i32) (param $to i32) (param $bytes i32)
    (call $fill (v128.load64_splat (local.get $from)) (local.get $to) (local.get $bytes)))

  (func $sixteens (param $from i32) (param $to i32) (param $bytes i32)
    (call $fill (v128.load (local.get $from)) (local.get $to) (local.get $bytes)))

  ;; Addresses that are mapped, of their last words.
  (func $v4 (param $from i32) (param $to i32) (param $rows i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $from) (i32.shl (local.get $rows) (i32.const 2))))
    (loop $next
      (v128.store (local.get $to)
        (v128.or (v128.const i32x4 0 0 0xffff 0)
          (v128.and (v128.const i32x4 0 0 0 -1) (v128.load32_splat (local.get $from)))))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (br_if $next (i32.lt_u
        (local.tee $from (i32.add (local.get $from) (i32.const 4)))
        (local.get $end)))))

  ;; Numbers of 64 bits of their low words.
  (func $low (param $from i32) (param $to i32) (param $rows i32)
    (block $few
      (loop $next
        (br_if $few (i32.lt_u (local.get $rows) (i32.const 2)))
        (v128.store (local.get $to) (v128.load32x2_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 2)))
        (br $next)))
    (if (local.get $rows) (then
      (i64.store (local.get $to) (i64.load32_u (local.get $from))))))

  ;; Numbers of 64 bits whose low words grow by one from row to row.
  (func $serial (param $from i32) (param $to i32) (param $rows i32)
    (local $two v128)
    (local.set $two
      (i32x4.add (v128.load64_splat (local.get $from)) (v128.const i32x4 0 0 1 0)))
    (block $few
      (loop $next
        (br_if $few (i32.lt_u (local.get $rows) (i32.const 2)))
        (v128.store (local.get $to) (local.get $two))
        (local.set $two (i32x4.add (local.get $two) (v128.const i32x4 2 0 2 0)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 2)))
        (br $next)))
    (if (local.get $rows) (then
      (v128.store64_lane 0 (local.get $to) (local.get $two)))))

  ;; Times of a base and what they are later than that.
  (func $near (param $from i32) (param $to i32) (param $rows i32)
    (local $base v128)
    (local.set $base (v128.load64_splat (local.get $from)))
    (local.set $from (i32.add (local.get $from) (i32.const 8)))
    (block $few
      (loop $next
        (br_if $few (i32.lt_u (local.get $rows) (i32.const 2)))
        (v128.store (local.get $to)
          (f64x2.add (local.get $base)
            (f64x2.convert_low_i32x4_u (v128.load64_zero (local.get $from)))))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 2)))
        (br $next)))
    (if (local.get $rows) (then
      (f64.store (local.get $to)
        (f64.add
          (f64x2.extract_lane 0 (local.get $base))
          (f64.convert_i32_u (i32.load (local.get $from))))))))
)
