;; The hot part of collecting flows: fields of many records of one layout into columns, as a plan
;; says, and the work on whole rows that follows. What each kernel does is what kernels.ts and
;; finish.ts do for every layout; a test holds the two together. This is no generated code: plans are
;; tables that it reads, and who fills them checks every bound before.
;;
;; A step of a plan is eight i32:
;;
;;    0 kernel, its number in the table below    16 second column
;;    4 offset of the field in a record          20 third column
;;    8 column                                   24 fourth column
;;   12 octets of a row of the column, as a power of two
;;
;; The context of a call:
;;
;;    0 f64 when the message was sent (us since 1970)     24 i32 serial number of the row before
;;    8 i32 its sysUptime (ms)                            28 i32 source
;;   12 i32 high word of serial numbers                   32 f64 the longest flow (us)
;;   16 f64 offset of the exporter's clock (us)           40 f64 the earliest start that is believed
;;                                                        48 f64 the latest end that is believed
(module
  (import "host" "memory" (memory 1))
  (type $kernel (func (param i32 i32 i32 i32 i32 i32) (result i32)))
  (table funcref (elem
    $octetToU8 $octetToU16 $twoToU16 $twoToU32 $fourToU32 $fourToU64 $eightToU64 $toV4 $toV6
    $uptimeToUs $secondsToUs $millisecondsToUs
    $postAddress $sameAddress $postPort $samePort $moveIcmp $times $serial $source))

  ;; Runs a plan over `rows` records from `data` on, into the rows from `row` on. Gives 0 where a
  ;; kernel found what it leaves to others: rows whose times make no sense.
  (func (export "run") (param $steps i32) (param $count i32) (param $data i32) (param $stride i32)
      (param $rows i32) (param $row i32) (result i32)
    (local $end i32) (local $sound i32)
    ;; Some kernels begin with a row before they look whether there is one.
    (if (i32.eqz (local.get $rows)) (then (return (i32.const 1))))
    (local.set $end (i32.add (local.get $steps) (i32.shl (local.get $count) (i32.const 5))))
    (local.set $sound (i32.const 1))
    (loop $next
      (local.set $sound (i32.and (local.get $sound)
        (call_indirect (type $kernel)
          (i32.add (local.get $data) (i32.load offset=4 (local.get $steps)))
          (local.get $stride)
          (local.get $rows)
          (i32.add
            (i32.load offset=8 (local.get $steps))
            (i32.shl (local.get $row) (i32.load offset=12 (local.get $steps))))
          (local.get $row)
          (local.get $steps)
          (i32.load (local.get $steps)))))
      (br_if $next (i32.lt_u
        (local.tee $steps (i32.add (local.get $steps) (i32.const 32)))
        (local.get $end))))
    (local.get $sound))

  (func $octetToU8 (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (block $few
      (loop $next
        (br_if $few (i32.lt_u (local.get $rows) (i32.const 4)))
        (i32.store8 (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (i32.store8 offset=1 (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (i32.store8 offset=2 (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (i32.store8 offset=3 (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 4)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $rows)))
        (i32.store8 (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $next)))
    (i32.const 1))

  (func $octetToU16 (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (block $few
      (loop $next
        (br_if $few (i32.lt_u (local.get $rows) (i32.const 4)))
        (i32.store16 (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (i32.store16 offset=2 (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (i32.store16 offset=4 (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (i32.store16 offset=6 (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 4)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $rows)))
        (i32.store16 (local.get $to) (i32.load8_u (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $to (i32.add (local.get $to) (i32.const 2)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $next)))
    (i32.const 1))

  (func $twoToU16 (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (local $v v128) (local $x i32)
    (block $few
      (loop $next
        (br_if $few (i32.lt_u (local.get $rows) (i32.const 8)))
        (local.set $v (v128.load16_lane 0 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (v128.load16_lane 1 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (v128.load16_lane 2 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (v128.load16_lane 3 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (v128.load16_lane 4 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (v128.load16_lane 5 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (v128.load16_lane 6 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (v128.load16_lane 7 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (v128.store (local.get $to)
          (i8x16.swizzle (local.get $v)
            (v128.const i8x16 1 0 3 2 5 4 7 6 9 8 11 10 13 12 15 14)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 8)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $rows)))
        (local.set $x (i32.load16_u (local.get $from)))
        (i32.store16 (local.get $to)
          (i32.or (i32.shl (local.get $x) (i32.const 8)) (i32.shr_u (local.get $x) (i32.const 8))))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $to (i32.add (local.get $to) (i32.const 2)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $next)))
    (i32.const 1))

  (func $twoToU32 (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $from) (i32.mul (local.get $rows) (local.get $stride))))
    (loop $next
      (i32.store (local.get $to)
        (i32.or
          (i32.shl (i32.load8_u (local.get $from)) (i32.const 8))
          (i32.load8_u offset=1 (local.get $from))))
      (local.set $to (i32.add (local.get $to) (i32.const 4)))
      (br_if $next (i32.lt_u
        (local.tee $from (i32.add (local.get $from) (local.get $stride)))
        (local.get $end))))
    (i32.const 1))

  (func $fourToU32 (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (local $v v128)
    (block $few
      (loop $next
        (br_if $few (i32.lt_u (local.get $rows) (i32.const 4)))
        (local.set $v (v128.load32_zero (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (v128.load32_lane 1 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (v128.load32_lane 2 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (v128.load32_lane 3 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (v128.store (local.get $to)
          (i8x16.swizzle (local.get $v)
            (v128.const i8x16 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 4)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $rows)))
        (v128.store32_lane 0 (local.get $to)
          (i8x16.swizzle (v128.load32_zero (local.get $from))
            (v128.const i8x16 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $next)))
    (i32.const 1))

  (func $fourToU64 (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (local $v v128)
    (block $few
      (loop $next
        (br_if $few (i32.lt_u (local.get $rows) (i32.const 2)))
        (local.set $v (v128.load32_zero (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (v128.load32_lane 1 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (v128.store (local.get $to)
          (i8x16.swizzle (local.get $v)
            (v128.const i8x16 3 2 1 0 -1 -1 -1 -1 7 6 5 4 -1 -1 -1 -1)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 2)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $rows)))
        (v128.store64_lane 0 (local.get $to)
          (i8x16.swizzle (v128.load32_zero (local.get $from))
            (v128.const i8x16 3 2 1 0 -1 -1 -1 -1 7 6 5 4 -1 -1 -1 -1)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $next)))
    (i32.const 1))

  (func $eightToU64 (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (local $v v128)
    (block $few
      (loop $next
        (br_if $few (i32.lt_u (local.get $rows) (i32.const 2)))
        (local.set $v (v128.load64_zero (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (v128.load64_lane 1 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (v128.store (local.get $to)
          (i8x16.swizzle (local.get $v)
            (v128.const i8x16 7 6 5 4 3 2 1 0 15 14 13 12 11 10 9 8)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 2)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $rows)))
        (v128.store64_lane 0 (local.get $to)
          (i8x16.swizzle (v128.load64_zero (local.get $from))
            (v128.const i8x16 7 6 5 4 3 2 1 0 15 14 13 12 11 10 9 8)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $next)))
    (i32.const 1))

  (func $toV4 (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (block $few
      (loop $next
        (br_if $few (i32.lt_u (local.get $rows) (i32.const 2)))
        (v128.store (local.get $to)
          (v128.or (v128.const i32x4 0 0 0xffff 0)
            (i8x16.swizzle (v128.load32_zero (local.get $from))
              (v128.const i8x16 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 3 2 1 0))))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (v128.store offset=16 (local.get $to)
          (v128.or (v128.const i32x4 0 0 0xffff 0)
            (i8x16.swizzle (v128.load32_zero (local.get $from))
              (v128.const i8x16 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 3 2 1 0))))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $to (i32.add (local.get $to) (i32.const 32)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 2)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $rows)))
        (v128.store (local.get $to)
          (v128.or (v128.const i32x4 0 0 0xffff 0)
            (i8x16.swizzle (v128.load32_zero (local.get $from))
              (v128.const i8x16 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 3 2 1 0))))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $next)))
    (i32.const 1))

  (func $toV6 (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $from) (i32.mul (local.get $rows) (local.get $stride))))
    (loop $next
      (v128.store (local.get $to)
        (i8x16.swizzle (v128.load (local.get $from))
          (v128.const i8x16 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12)))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (br_if $next (i32.lt_u
        (local.tee $from (i32.add (local.get $from) (local.get $stride)))
        (local.get $end))))
    (i32.const 1))

  (func $uptimeToUs (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (local $v v128) (local $sent v128) (local $uptime v128)
    (local.set $sent (v128.load64_splat (i32.const 0)))
    (local.set $uptime (v128.load32_splat (i32.const 8)))
    (block $few
      (loop $next
        (br_if $few (i32.lt_u (local.get $rows) (i32.const 4)))
        (local.set $v (v128.load32_zero (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (v128.load32_lane 1 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (v128.load32_lane 2 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (v128.load32_lane 3 (local.get $from) (local.get $v)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (i32x4.sub (local.get $uptime)
          (i8x16.swizzle (local.get $v)
            (v128.const i8x16 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12))))
        (v128.store (local.get $to)
          (f64x2.sub (local.get $sent)
            (f64x2.mul
              (f64x2.convert_low_i32x4_s (local.get $v))
              (v128.const f64x2 1000 1000))))
        (v128.store offset=16 (local.get $to)
          (f64x2.sub (local.get $sent)
            (f64x2.mul
              (f64x2.convert_low_i32x4_s 
                (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15
                  (local.get $v) (local.get $v)))
              (v128.const f64x2 1000 1000))))
        (local.set $to (i32.add (local.get $to) (i32.const 32)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 4)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $rows)))
        (local.set $v (v128.load32_zero (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $stride)))
        (local.set $v (i32x4.sub (local.get $uptime)
          (i8x16.swizzle (local.get $v)
            (v128.const i8x16 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12))))
        (v128.store64_lane 0 (local.get $to)
          (f64x2.sub (local.get $sent)
            (f64x2.mul
              (f64x2.convert_low_i32x4_s (local.get $v))
              (v128.const f64x2 1000 1000))))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $next)))
    (i32.const 1))

  (func $secondsToUs (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (local $end i32) (local $value f64) (local $offset f64)
    (local.set $offset (f64.load (i32.const 16)))
    (local.set $end (i32.add (local.get $from) (i32.mul (local.get $rows) (local.get $stride))))
    (loop $next
      (local.set $value (f64.convert_i32_u (i32x4.extract_lane 0
        (i8x16.swizzle (v128.load32_zero (local.get $from))
          (v128.const i8x16 3 2 1 0 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1)))))
      (f64.store (local.get $to)
        (select
          (f64.const 0)
          (f64.add (f64.mul (local.get $value) (f64.const 1e6)) (local.get $offset))
          (f64.eq (local.get $value) (f64.const 0))))
      (local.set $to (i32.add (local.get $to) (i32.const 8)))
      (br_if $next (i32.lt_u
        (local.tee $from (i32.add (local.get $from) (local.get $stride)))
        (local.get $end))))
    (i32.const 1))

  (func $millisecondsToUs (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (local $end i32) (local $value f64) (local $offset f64)
    (local.set $offset (f64.load (i32.const 16)))
    (local.set $end (i32.add (local.get $from) (i32.mul (local.get $rows) (local.get $stride))))
    (loop $next
      (local.set $value (f64.add
        (f64.mul
          (f64.convert_i32_u (i32x4.extract_lane 0
            (i8x16.swizzle (v128.load32_zero (local.get $from))
              (v128.const i8x16 3 2 1 0 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1))))
          (f64.const 4294967296))
        (f64.convert_i32_u (i32x4.extract_lane 0
          (i8x16.swizzle (v128.load32_zero offset=4 (local.get $from))
            (v128.const i8x16 3 2 1 0 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1))))))
      (f64.store (local.get $to)
        (select
          (f64.const 0)
          (f64.add (f64.mul (local.get $value) (f64.const 1e3)) (local.get $offset))
          (f64.eq (local.get $value) (f64.const 0))))
      (local.set $to (i32.add (local.get $to) (i32.const 8)))
      (br_if $next (i32.lt_u
        (local.tee $from (i32.add (local.get $from) (local.get $stride)))
        (local.get $end))))
    (i32.const 1))

  ;; An address after translation that is told as zero is that before it, the second column.
  (func $postAddress (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (local $plain i32)
    (local.set $plain
      (i32.add (i32.load offset=16 (local.get $step)) (i32.shl (local.get $row) (i32.const 4))))
    (loop $next
      (if (i32.eqz (i32.load offset=12 (local.get $to))) (then
        (if (i64.eqz (i64.load (local.get $to))) (then
          (if (i32.or
                (i32.eqz (i32.load offset=8 (local.get $to)))
                (i32.eq (i32.load offset=8 (local.get $to)) (i32.const 0xffff)))
            (then (v128.store (local.get $to) (v128.load (local.get $plain)))))))))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $plain (i32.add (local.get $plain) (i32.const 16)))
      (br_if $next (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))
    (i32.const 1))

  (func $sameAddress (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (memory.copy
      (local.get $to)
      (i32.add (i32.load offset=16 (local.get $step)) (i32.shl (local.get $row) (i32.const 4)))
      (i32.shl (local.get $rows) (i32.const 4)))
    (i32.const 1))

  (func $postPort (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (local $plain i32) (local $v v128)
    (local.set $plain
      (i32.add (i32.load offset=16 (local.get $step)) (i32.shl (local.get $row) (i32.const 1))))
    (block $few
      (loop $next
        (br_if $few (i32.lt_u (local.get $rows) (i32.const 8)))
        (local.set $v (v128.load (local.get $to)))
        (v128.store (local.get $to)
          (v128.bitselect (v128.load (local.get $plain)) (local.get $v)
            (i16x8.eq (local.get $v) (v128.const i32x4 0 0 0 0))))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $plain (i32.add (local.get $plain) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 8)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $rows)))
        (if (i32.eqz (i32.load16_u (local.get $to))) (then
          (i32.store16 (local.get $to) (i32.load16_u (local.get $plain)))))
        (local.set $to (i32.add (local.get $to) (i32.const 2)))
        (local.set $plain (i32.add (local.get $plain) (i32.const 2)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $next)))
    (i32.const 1))

  (func $samePort (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (memory.copy
      (local.get $to)
      (i32.add (i32.load offset=16 (local.get $step)) (i32.shl (local.get $row) (i32.const 1)))
      (i32.shl (local.get $rows) (i32.const 1)))
    (i32.const 1))

  ;; Of ICMP and ICMPv6 (the column is the protocol) type and code stand where the port would be.
  (func $moveIcmp (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (local $protocol i32) (local $at i32) (local $v v128)
    (local.set $at (i32.shl (local.get $row) (i32.const 1)))
    ;; Most are of others: eight that are, at once.
    (block $few
      (loop $next
        (br_if $few (i32.lt_u (local.get $rows) (i32.const 8)))
        (local.set $v (v128.load64_splat (local.get $to)))
        (br_if $few (v128.any_true (v128.or
          (i8x16.eq (local.get $v) (i8x16.splat (i32.const 1)))
          (i8x16.eq (local.get $v) (i8x16.splat (i32.const 58))))))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br_if $next (local.tee $rows (i32.sub (local.get $rows) (i32.const 8))))
        (return (i32.const 1))))
    (if (i32.eqz (local.get $rows)) (then (return (i32.const 1))))
    (loop $next
      (local.set $protocol (i32.load8_u (local.get $to)))
      (if (i32.or
            (i32.eq (local.get $protocol) (i32.const 1))
            (i32.eq (local.get $protocol) (i32.const 58)))
        (then
          (i32.store16
            (i32.add (i32.load offset=16 (local.get $step)) (local.get $at))
            (i32.load16_u (i32.add (i32.load offset=20 (local.get $step)) (local.get $at))))
          (i32.store16
            (i32.add (i32.load offset=20 (local.get $step)) (local.get $at))
            (i32.const 0))
          (i32.store16
            (i32.add (i32.load offset=24 (local.get $step)) (local.get $at))
            (i32.const 0))))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (local.set $at (i32.add (local.get $at) (i32.const 2)))
      (br_if $next (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))
    (i32.const 1))

  ;; Starts, and ends in the second column: all of them can be, and the longest flow is noted.
  (func $times (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (local $ends i32) (local $start v128) (local $end v128) (local $longest v128) (local $sound v128)
    (local $earliest v128) (local $latest v128)
    (local.set $sound (v128.const i32x4 -1 -1 -1 -1))
    (local.set $longest (v128.load64_splat (i32.const 32)))
    (local.set $earliest (v128.load64_splat (i32.const 40)))
    (local.set $latest (v128.load64_splat (i32.const 48)))
    (local.set $ends
      (i32.add (i32.load offset=16 (local.get $step)) (i32.shl (local.get $row) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.le_s (local.get $rows) (i32.const 0)))
        ;; Of the last of an odd number of rows twice.
        (if (i32.eq (local.get $rows) (i32.const 1))
          (then
            (local.set $start (v128.load64_splat (local.get $to)))
            (local.set $end (v128.load64_splat (local.get $ends))))
          (else
            (local.set $start (v128.load (local.get $to)))
            (local.set $end (v128.load (local.get $ends)))))
        (local.set $sound (v128.and (local.get $sound) (v128.and
          (v128.and
            (f64x2.ge (local.get $start) (local.get $earliest))
            (f64x2.ge (local.get $end) (local.get $start)))
          (f64x2.le (local.get $end) (local.get $latest)))))
        (local.set $longest
          (f64x2.pmax (local.get $longest) (f64x2.sub (local.get $end) (local.get $start))))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $ends (i32.add (local.get $ends) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 2)))
        (br $next)))
    (f64.store (i32.const 32) (f64.max
      (f64x2.extract_lane 0 (local.get $longest)) (f64x2.extract_lane 1 (local.get $longest))))
    (i64x2.all_true (local.get $sound)))

  (func $serial (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (local $next v128) (local $last i32)
    (local.set $last (i32.add (i32.load (i32.const 24)) (local.get $rows)))
    (local.set $next (i32x4.add
      (v128.const i32x4 1 0 2 0)
      (i64x2.splat (i64.or
        (i64.load32_u (i32.const 24))
        (i64.shl (i64.load32_u (i32.const 12)) (i64.const 32))))))
    (block $few
      (loop $two
        (br_if $few (i32.lt_u (local.get $rows) (i32.const 2)))
        (v128.store (local.get $to) (local.get $next))
        (local.set $next (i32x4.add (local.get $next) (v128.const i32x4 2 0 2 0)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 2)))
        (br $two)))
    (if (local.get $rows) (then (v128.store64_lane 0 (local.get $to) (local.get $next))))
    (i32.store (i32.const 24) (local.get $last))
    (i32.const 1))

  (func $source (param $from i32) (param $stride i32) (param $rows i32)
      (param $to i32) (param $row i32) (param $step i32) (result i32)
    (local $source v128)
    (local.set $source (v128.load16_splat (i32.const 28)))
    (block $few
      (loop $next
        (br_if $few (i32.lt_u (local.get $rows) (i32.const 8)))
        (v128.store (local.get $to) (local.get $source))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 8)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $rows)))
        (v128.store16_lane 0 (local.get $to) (local.get $source))
        (local.set $to (i32.add (local.get $to) (i32.const 2)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $next)))
    (i32.const 1))
)
