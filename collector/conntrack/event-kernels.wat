;; The hot part of following conntrack: datagrams of one message each, of a shape that was seen
;; before, into rows of a batch and into the table of open flows. What it does is what Tracker.began
;; and Tracker.ended do; a test holds the two together. Whatever is not the plain case it hands back
;; untouched, the same event whole: shapes that are new or have no two IPv4 tuples with ports, flows
;; that a dump has shown or whose destination is translated, what is told twice, ends of what is not
;; there, rows that there is no room for. This is no generated code, and it checks no bound: a
;; datagram's length is compared with that of its shape, whose offsets event-shapes.ts has checked.
;;
;; The context, at 0; what a call changes is marked *:
;;
;;    0 i32 datagrams                    48 i32 free rows *            88 f64 nothing had come then
;;    4 i32 the next one *               52 i32 open flows *           96 f64 read before (us)
;;    8 i32 struct mmsghdr of each       56 i32 rows of opens *       104 f64 last flow id *
;;   12 i32 first datagram               60 i32 rows of slices *      112 f64 longest slice (us)
;;   16 i32 octets from one to the next  64 i32 rows a batch holds    128 i32 columns of opens
;;   20 i32 rows of the table            68 i32 number of the dump    256 i32 columns of slices
;;   24 i32 what the index has of them   72 i32 beginnings *          512 f64 idle time (us) by
;;   28 i32 heads of its lists           76 i32 ends *                    protocol, not assured and
;;   32 i32 mask of hashes               80 i32 looked at *               assured
;;   36 i32 numbers of free rows         84 i32 ends with verdicts * 4608 f64 the same by TCP state
;;   40 i32 rows there is room for                                   6656     bits of known zones
;;   44 i32 rows ever used *
;;
;; At 16384 what `look` found, 64 octets a datagram:
;;
;;    0 words 0 to 7 of the row that it would have (open-row.ts), without flags
;;   32 i32 hash of tuple and zone   36 i32 its shape; 0: hand it back   40 i32 head of its list
;;
;; At 32768 what is to be told of each row of slices, 16 octets: f64 end, i32 hash, i32 verdict.
;; At 49152 the ring of what ended last (closed-ring.ts). At 245760 the shapes, 1152 octets each:
;;
;;    0 i32 octets of a datagram   16 i32 zone        36 i32 packets          52 i32 start
;;    4 i32 its vectors            20 i32 status      40 i32 octets           56 i32 stop
;;    8 i32 original source        24 i32 TCP state   44 i32 reply's packets  60 i32 event
;;   12 i32 reply's source         28 i32 mark        48 i32 reply's octets   64 i32 1: an end
;;                                 32 i32 id
;;  128 512 octets that it has, where 640 512 octets of a mask say so
;;
;; Offsets count from the datagram's first octet; 0: there is no such value.
(module
  (import "host" "memory" (memory 1))

  ;; Finds the shape and the place of each datagram, and looks at all that the batch will touch, one
  ;; kind of place after the other: the processor fetches them side by side, where one event after
  ;; the other would wait for each. A wrong guess costs nothing but the look.
  (func (export "look")
    (local $count i32) (local $slot i32) (local $at i32) (local $header i32) (local $entry i32)
    (local $length i32) (local $shape i32) (local $i i32) (local $end i32) (local $v v128)
    (local $hash i32) (local $row i32) (local $seen i32) (local $zone i32) (local $begins i32)
    (local $original i32) (local $reply i32) (local $places i32) (local $place i32)
    (local.set $count (i32.load (i32.const 0)))
    (if (i32.eqz (local.get $count)) (then (return)))
    (local.set $at (i32.load offset=12 (i32.const 0)))
    (local.set $header (i32.load offset=8 (i32.const 0)))
    (local.set $places (i32.load offset=24 (i32.const 0)))
    (local.set $entry (i32.const 16384))
    (loop $datagram
      (block $known
        (block $odd
          (local.set $length (i32.load offset=56 (local.get $header)))
          ;; Of less than 20 octets or more than 512.
          (br_if $odd (i32.gt_u
            (i32.sub (local.get $length) (i32.const 20))
            (i32.const 492)))
          ;; MSG_TRUNC
          (br_if $odd (i32.and (i32.load offset=48 (local.get $header)) (i32.const 0x20)))
          ;; Beginnings and ends of one length are two shapes: the type's lower octet tells.
          (local.set $shape (i32.add (i32.const 245760) (i32.mul (i32.const 1152) (i32.or
            (i32.and (i32.shr_u (local.get $length) (i32.const 2)) (i32.const 127))
            (i32.shl
              (i32.and (i32.load8_u offset=4 (local.get $at)) (i32.const 2))
              (i32.const 6))))))
          (br_if $odd (i32.ne (i32.load (local.get $shape)) (local.get $length)))
          (local.set $v (v128.const i32x4 0 0 0 0))
          (local.set $i (i32.const 0))
          (local.set $end (i32.shl (i32.load offset=4 (local.get $shape)) (i32.const 4)))
          (loop $vector
            (local.set $place (i32.add (local.get $shape) (local.get $i)))
            (local.set $v (v128.or (local.get $v)
              (v128.and
                (v128.xor
                  (v128.load (i32.add (local.get $at) (local.get $i)))
                  (v128.load offset=128 (local.get $place)))
                (v128.load offset=640 (local.get $place)))))
            (br_if $vector (i32.lt_u
              (local.tee $i (i32.add (local.get $i) (i32.const 16)))
              (local.get $end))))
          (br_if $odd (v128.any_true (local.get $v)))
          ;; From the source on: 8 the destination, 20 the protocol, 28 and 36 the ports.
          (local.set $original
            (i32.add (local.get $at) (i32.load offset=8 (local.get $shape))))
          (local.set $reply
            (i32.add (local.get $at) (i32.load offset=12 (local.get $shape))))
          (local.set $v (i8x16.shuffle 1 0 9 8 25 24 17 16 1 0 9 8 25 24 17 16
            (v128.load offset=28 (local.get $original))
            (v128.load offset=28 (local.get $reply))))
          (v128.store offset=16 (local.get $entry) (local.get $v))
          (local.set $row (i32x4.extract_lane 0 (local.get $v)))
          (local.set $v (i8x16.shuffle 3 2 1 0 11 10 9 8 27 26 25 24 19 18 17 16
            (v128.load (local.get $original))
            (v128.load (local.get $reply))))
          (v128.store (local.get $entry) (local.get $v))
          (local.set $zone (i32.const 0))
          (if (local.tee $i (i32.load offset=16 (local.get $shape)))
            (then
              (local.set $zone (i32.load16_u (i32.add (local.get $at) (local.get $i))))
              (local.set $zone (i32.or
                (i32.and (i32.shl (local.get $zone) (i32.const 8)) (i32.const 0xff00))
                (i32.shr_u (local.get $zone) (i32.const 8))))))
          (local.set $i (i32.load8_u offset=20 (local.get $original)))
          (i32.store offset=24 (local.get $entry) (local.get $i))
          (i32.store offset=28 (local.get $entry) (local.get $zone))
          ;; tupleHashV4
          (local.set $hash (i32.mul (i32.const 0x9e3779b1)
            (i32.xor (i32.const 0x2545f491) (i32x4.extract_lane 0 (local.get $v)))))
          (local.set $hash
            (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 15))))
          (local.set $hash (i32.mul (i32.const 0x9e3779b1)
            (i32.xor (local.get $hash) (i32x4.extract_lane 1 (local.get $v)))))
          (local.set $hash
            (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 15))))
          (local.set $hash (i32.mul (i32.const 0x9e3779b1)
            (i32.xor (local.get $hash) (local.get $row))))
          (local.set $hash
            (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 15))))
          (local.set $hash (i32.mul (i32.const 0x9e3779b1)
            (i32.xor (local.get $hash)
              (i32.xor (local.get $i) (i32.shl (local.get $zone) (i32.const 16))))))
          (local.set $hash
            (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 15))))
          (local.set $hash (i32.mul (i32.const 0x85ebca6b) (local.get $hash)))
          (local.set $hash
            (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 13))))
          (i32.store offset=32 (local.get $entry) (local.get $hash))
          (local.set $begins (i32.sub
            (i32.add (local.get $begins) (i32.const 1))
            (i32.load offset=64 (local.get $shape))))
          (br $known))
        (local.set $shape (i32.const 0)))
      (i32.store offset=36 (local.get $entry) (local.get $shape))
      (local.set $at (i32.add (local.get $at) (i32.load offset=16 (i32.const 0))))
      (local.set $header (i32.add (local.get $header) (i32.const 64)))
      (local.set $entry (i32.add (local.get $entry) (i32.const 64)))
      (br_if $datagram (i32.lt_u
        (local.tee $slot (i32.add (local.get $slot) (i32.const 1)))
        (local.get $count))))
    ;; The heads of lists and what ended last, in a loop of their own: so short that the processor
    ;; waits for many at a time.
    (local.set $end (local.get $entry))
    (local.set $entry (i32.const 16384))
    (local.set $zone (i32.load offset=32 (i32.const 0)))
    (local.set $original (i32.load offset=28 (i32.const 0)))
    (loop $next
      (local.set $hash (i32.load offset=32 (local.get $entry)))
      (i32.store offset=40 (local.get $entry) (i32.load (i32.add
        (local.get $original)
        (i32.shl (i32.and (local.get $hash) (local.get $zone)) (i32.const 2)))))
      (local.set $seen (i32.xor (local.get $seen) (i32.load offset=49152
        (i32.mul (i32.and (local.get $hash) (i32.const 8191)) (i32.const 24)))))
      (br_if $next (i32.lt_u
        (local.tee $entry (i32.add (local.get $entry) (i32.const 64)))
        (local.get $end))))
    ;; What the index has of the first row of each list.
    (local.set $entry (i32.const 16384))
    (loop $next
      (if (i32.ne (local.tee $row (i32.load offset=40 (local.get $entry))) (i32.const -1))
        (then (local.set $seen (i32.xor (local.get $seen) (i32.load
          (i32.add (local.get $places) (i32.shl (local.get $row) (i32.const 4))))))))
      (br_if $next (i32.lt_u
        (local.tee $entry (i32.add (local.get $entry) (i32.const 64)))
        (local.get $end))))
    ;; The row itself.
    (local.set $entry (i32.const 16384))
    (loop $next
      (local.set $row (i32.load offset=40 (local.get $entry)))
      (local.set $hash (i32.load offset=32 (local.get $entry)))
      (block $none
        (loop $list
          (br_if $none (i32.eq (local.get $row) (i32.const -1)))
          (local.set $place
            (i32.add (local.get $places) (i32.shl (local.get $row) (i32.const 4))))
          (if (i32.ne (i32.load (local.get $place)) (local.get $hash))
            (then
              (local.set $row (i32.load offset=4 (local.get $place)))
              (br $list))))
        (local.set $seen (i32.xor (local.get $seen) (i32.load (i32.add
          (i32.load offset=20 (i32.const 0))
          (i32.shl (local.get $row) (i32.const 6)))))))
      (br_if $next (i32.lt_u
        (local.tee $entry (i32.add (local.get $entry) (i32.const 64)))
        (local.get $end))))
    ;; The rows that beginnings will take.
    (local.set $i (i32.load offset=48 (i32.const 0)))
    (block $none
      (loop $next
        (br_if $none (i32.eqz (i32.and
          (i32.ne (local.get $begins) (i32.const 0))
          (i32.ne (local.get $i) (i32.const 0)))))
        (local.set $i (i32.sub (local.get $i) (i32.const 1)))
        (local.set $begins (i32.sub (local.get $begins) (i32.const 1)))
        (local.set $row (i32.load (i32.add
          (i32.load offset=36 (i32.const 0))
          (i32.shl (local.get $i) (i32.const 2)))))
        (local.set $seen (i32.xor (local.get $seen) (i32.xor
          (i32.load (i32.add (local.get $places) (i32.shl (local.get $row) (i32.const 4))))
          (i32.load (i32.add
            (i32.load offset=20 (i32.const 0))
            (i32.shl (local.get $row) (i32.const 6)))))))
        (br $next)))
    (i32.store offset=80 (i32.const 0) (local.get $seen)))

  ;; Takes datagrams, which `look` has seen, from the next one on. Gives 0 where all are taken, else
  ;; why the next one is not: 1 it is handed back, 2 opens are full, 3 slices are full.
  (func (export "take") (result i32)
    (local $slot i32) (local $entry i32) (local $at i32) (local $shape i32) (local $why i32)
    (local.set $slot (i32.load offset=4 (i32.const 0)))
    (local.set $entry
      (i32.add (i32.const 16384) (i32.shl (local.get $slot) (i32.const 6))))
    (local.set $at (i32.add (i32.load offset=12 (i32.const 0))
      (i32.mul (local.get $slot) (i32.load offset=16 (i32.const 0)))))
    (block $stop
      (loop $next
        (br_if $stop (i32.ge_u (local.get $slot) (i32.load (i32.const 0))))
        (if (i32.eqz (local.tee $shape (i32.load offset=36 (local.get $entry))))
          (then
            (local.set $why (i32.const 1))
            (br $stop)))
        (local.set $why
          (if (result i32) (i32.load offset=64 (local.get $shape))
            (then (call $ended (local.get $entry) (local.get $at) (local.get $shape)))
            (else (call $began (local.get $entry) (local.get $at) (local.get $shape)))))
        (br_if $stop (local.get $why))
        (local.set $slot (i32.add (local.get $slot) (i32.const 1)))
        (local.set $entry (i32.add (local.get $entry) (i32.const 64)))
        (local.set $at (i32.add (local.get $at) (i32.load offset=16 (i32.const 0))))
        (br $next)))
    (i32.store offset=4 (i32.const 0) (local.get $slot))
    (local.get $why))

  (func $began (param $entry i32) (param $at i32) (param $shape i32) (result i32)
    (local $n i32) (local $start f64) (local $hash i32) (local $head i32) (local $row i32)
    (local $place i32) (local $ended i32) (local $zone i32) (local $observed i32)
    (local $endpoint i32) (local $other i32) (local $flowId i64)
    (local.set $n (i32.load offset=56 (i32.const 0)))
    (if (i32.eq (local.get $n) (i32.load offset=64 (i32.const 0)))
      (then (return (i32.const 2))))
    (local.set $start (call $time (local.get $at) (i32.load offset=52 (local.get $shape))))
    (if (f64.eq (local.get $start) (f64.const 0))
      (then (local.set $start
        (call $time (local.get $at) (i32.load offset=60 (local.get $shape))))))
    ;; A flow of the same hash is nearly always the same, so it is left to who compares.
    (local.set $hash (i32.load offset=32 (local.get $entry)))
    (local.set $head (i32.add (i32.load offset=28 (i32.const 0))
      (i32.shl
        (i32.and (local.get $hash) (i32.load offset=32 (i32.const 0)))
        (i32.const 2))))
    (local.set $row (i32.load (local.get $head)))
    (block $none
      (loop $list
        (br_if $none (i32.eq (local.get $row) (i32.const -1)))
        (local.set $place (i32.add (i32.load offset=24 (i32.const 0))
          (i32.shl (local.get $row) (i32.const 4))))
        (if (i32.eq (i32.load (local.get $place)) (local.get $hash))
          (then (return (i32.const 1))))
        (local.set $row (i32.load offset=4 (local.get $place)))
        (br $list)))
    (local.set $ended
      (i32.mul (i32.and (local.get $hash) (i32.const 8191)) (i32.const 24)))
    (if (i32.and
          (i32.eq (i32.load offset=49152 (local.get $ended)) (local.get $hash))
          (i32.and
            (f64.gt (local.get $start) (f64.const 0))
            (f64.le (local.get $start) (f64.load offset=49168 (local.get $ended)))))
      (then (return (i32.const 1))))
    (local.set $zone (i32.load offset=28 (local.get $entry)))
    (if (i32.eqz (i32.and (i32.const 1) (i32.shr_u
          (i32.load8_u offset=6656 (i32.shr_u (local.get $zone) (i32.const 3)))
          (i32.and (local.get $zone) (i32.const 7)))))
      (then (return (i32.const 1))))
    ;; The destination is translated.
    (if (i32.or
          (i32.xor
            (i32.load offset=4 (local.get $entry))
            (i32.load offset=12 (local.get $entry)))
          (i32.xor
            (i32.load16_u offset=18 (local.get $entry))
            (i32.load16_u offset=22 (local.get $entry))))
      (then (return (i32.const 1))))
    (if (local.tee $row (i32.load offset=48 (i32.const 0)))
      (then
        (i32.store offset=48 (i32.const 0)
          (local.tee $row (i32.sub (local.get $row) (i32.const 1))))
        (local.set $row (i32.load (i32.add
          (i32.load offset=36 (i32.const 0))
          (i32.shl (local.get $row) (i32.const 2))))))
      (else
        (local.set $row (i32.load offset=44 (i32.const 0)))
        (if (i32.eq (local.get $row) (i32.load offset=40 (i32.const 0)))
          (then (return (i32.const 1))))
        (i32.store offset=44 (i32.const 0) (i32.add (local.get $row) (i32.const 1)))))
    ;; From here on it is taken.
    (if (f64.eq (local.get $start) (f64.const 0))
      (then
        (local.set $start (f64.load offset=88 (i32.const 0)))
        (local.set $observed (i32.const 1))))
    (f64.store offset=104 (i32.const 0)
      (f64.add (f64.load offset=104 (i32.const 0)) (f64.const 1)))
    (local.set $flowId (i64.trunc_sat_f64_u (f64.load offset=104 (i32.const 0))))
    (call $tuple (i32.const 128) (local.get $n)
      (local.get $entry) (local.get $at) (local.get $shape))
    ;; sourceHash and forwardedHash
    (local.set $endpoint (call $endpoint
      (i32.load offset=8 (local.get $entry))
      (i32.load16_u offset=20 (local.get $entry))))
    (local.set $other
      (if (result i32) (i32.or
            (i32.xor
              (i32.load (local.get $entry))
              (i32.load offset=8 (local.get $entry)))
            (i32.xor
              (i32.load16_u offset=16 (local.get $entry))
              (i32.load16_u offset=20 (local.get $entry))))
        (then (local.get $endpoint))
        (else (call $endpoint
          (i32.load offset=4 (local.get $entry))
          (i32.load16_u offset=18 (local.get $entry))))))
    (local.set $place (i32.add (i32.load offset=24 (i32.const 0))
      (i32.shl (local.get $row) (i32.const 4))))
    (i32.store (local.get $place) (local.get $hash))
    (i32.store offset=4 (local.get $place) (i32.load (local.get $head)))
    (i32.store offset=8 (local.get $place) (local.get $endpoint))
    (i32.store offset=12 (local.get $place) (local.get $other))
    (i32.store (local.get $head) (local.get $row))
    (i32.store offset=52 (i32.const 0)
      (i32.add (i32.load offset=52 (i32.const 0)) (i32.const 1)))
    ;; The row: open-row.ts
    (local.set $row (i32.add (i32.load offset=20 (i32.const 0))
      (i32.shl (local.get $row) (i32.const 6))))
    (v128.store (local.get $row) (v128.load (local.get $entry)))
    (v128.store offset=16 (local.get $row) (v128.load offset=16 (local.get $entry)))
    (i32.store offset=28 (local.get $row)
      (i32.or (local.get $zone) (i32.shl (local.get $observed) (i32.const 18))))
    (i32.store offset=32 (local.get $row)
      (i32.load (i32.add (i32.load offset=176 (i32.const 0))
        (i32.shl (local.get $n) (i32.const 2)))))
    (i32.store offset=36 (local.get $row)
      (i32.load (i32.add (i32.load offset=180 (i32.const 0))
        (i32.shl (local.get $n) (i32.const 2)))))
    (i32.store offset=40 (local.get $row) (i32.load offset=68 (i32.const 0)))
    (i32.store offset=44 (local.get $row) (i32.const 0))
    (f64.store offset=48 (local.get $row) (local.get $start))
    (i64.store offset=56 (local.get $row) (local.get $flowId))
    ;; The other columns of opens: see their numbers below.
    (i32.store16
      (i32.add (i32.load offset=220 (i32.const 0)) (i32.shl (local.get $n) (i32.const 1)))
      (i32.shl (local.get $observed) (i32.const 3)))
    (local.set $place (i32.shl (local.get $n) (i32.const 3)))
    (i64.store (i32.add (i32.load offset=172 (i32.const 0)) (local.get $place))
      (local.get $flowId))
    (f64.store (i32.add (i32.load offset=184 (i32.const 0)) (local.get $place))
      (local.get $start))
    (f64.store (i32.add (i32.load offset=188 (i32.const 0)) (local.get $place))
      (local.get $start))
    (i64.store (i32.add (i32.load offset=200 (i32.const 0)) (local.get $place))
      (i64.const 0))
    (i64.store (i32.add (i32.load offset=204 (i32.const 0)) (local.get $place))
      (i64.const 0))
    (i64.store (i32.add (i32.load offset=208 (i32.const 0)) (local.get $place))
      (i64.const 0))
    (i64.store (i32.add (i32.load offset=212 (i32.const 0)) (local.get $place))
      (i64.const 0))
    (i32.store offset=56 (i32.const 0) (i32.add (local.get $n) (i32.const 1)))
    (i32.store offset=72 (i32.const 0)
      (i32.add (i32.load offset=72 (i32.const 0)) (i32.const 1)))
    (i32.const 0))

  (func $ended (param $entry i32) (param $at i32) (param $shape i32) (result i32)
    (local $n i32) (local $start f64) (local $stop f64) (local $end f64) (local $begin f64)
    (local $idle f64) (local $hash i32) (local $head i32) (local $index i32) (local $row i32)
    (local $place i32) (local $before i32) (local $flags i32) (local $id i32) (local $status i32)
    (local $state i32) (local $protocol i32) (local $verdict i32)
    (local.set $n (i32.load offset=60 (i32.const 0)))
    (if (i32.eq (local.get $n) (i32.load offset=64 (i32.const 0)))
      (then (return (i32.const 3))))
    (local.set $hash (i32.load offset=32 (local.get $entry)))
    (local.set $head (i32.add (i32.load offset=28 (i32.const 0))
      (i32.shl
        (i32.and (local.get $hash) (i32.load offset=32 (i32.const 0)))
        (i32.const 2))))
    (local.set $index (i32.load (local.get $head)))
    ;; Where a link to the row stands: in the head, or with the row before.
    (local.set $before (local.get $head))
    (block $found
      (loop $list
        (if (i32.eq (local.get $index) (i32.const -1)) (then (return (i32.const 1))))
        (local.set $place (i32.add (i32.load offset=24 (i32.const 0))
          (i32.shl (local.get $index) (i32.const 4))))
        (if (i32.eq (i32.load (local.get $place)) (local.get $hash))
          (then
            (local.set $row (i32.add (i32.load offset=20 (i32.const 0))
              (i32.shl (local.get $index) (i32.const 6))))
            (local.set $flags (i32.load offset=28 (local.get $row)))
            ;; What a dump has shown or what was cut, what is not all IPv4, what is found twice.
            (if (i32.and (local.get $flags) (i32.const 0x700000))
              (then (return (i32.const 1))))
            (br_if $found (i32.and
              (i32.and
                (i64.eq (i64.load (local.get $row)) (i64.load (local.get $entry)))
                (i32.eq
                  (i32.load offset=16 (local.get $row))
                  (i32.load offset=16 (local.get $entry))))
              (i32.and
                (i32.eq
                  (i32.load offset=24 (local.get $row))
                  (i32.load offset=24 (local.get $entry)))
                (i32.eq
                  (i32.and (local.get $flags) (i32.const 0xffff))
                  (i32.load offset=28 (local.get $entry))))))))
        (local.set $before (i32.add (local.get $place) (i32.const 4)))
        (local.set $index (i32.load (local.get $before)))
        (br $list)))
    ;; sameTranslation
    (local.set $id (call $number (local.get $at) (i32.load offset=32 (local.get $shape))))
    (if (i32.eqz (i32.and
          (i32.and
            (i64.eq (i64.load offset=8 (local.get $row)) (i64.load offset=8 (local.get $entry)))
            (i32.eq
              (i32.load offset=20 (local.get $row))
              (i32.load offset=20 (local.get $entry))))
          (i32.eq (i32.load offset=32 (local.get $row)) (local.get $id))))
      (then (return (i32.const 1))))
    (local.set $start (call $time (local.get $at) (i32.load offset=52 (local.get $shape))))
    (local.set $stop (call $time (local.get $at) (i32.load offset=56 (local.get $shape))))
    (local.set $end (local.get $stop))
    (if (f64.eq (local.get $end) (f64.const 0))
      (then (local.set $end
        (call $time (local.get $at) (i32.load offset=60 (local.get $shape))))))
    (if (f64.eq (local.get $end) (f64.const 0))
      (then (local.set $end (f64.load offset=96 (i32.const 0)))))
    (local.set $begin (f64.load offset=48 (local.get $row)))
    (if (f64.gt (local.get $start) (f64.const 0))
      (then
        (local.set $begin (local.get $start))
        ;; Neither its start is unknown nor was it observed.
        (local.set $flags (i32.and (local.get $flags) (i32.const 0xfff9ffff)))))
    (if (f64.gt
          (f64.sub (f64.max (local.get $begin) (local.get $end)) (local.get $begin))
          (f64.load offset=112 (i32.const 0)))
      (then (return (i32.const 1))))
    ;; From here on it is taken.
    (call $tuple (i32.const 256) (local.get $n)
      (local.get $entry) (local.get $at) (local.get $shape))
    (local.set $status (call $number (local.get $at) (i32.load offset=20 (local.get $shape))))
    (if (local.tee $state (i32.load offset=24 (local.get $shape)))
      (then (local.set $state
        (i32.load8_u (i32.add (local.get $at) (local.get $state))))))
    (local.set $protocol (i32.load offset=24 (local.get $entry)))
    (local.set $idle
      (if (result f64) (i32.eq (local.get $protocol) (i32.const 6))
        (then (f64.load offset=4608 (i32.shl (local.get $state) (i32.const 3))))
        (else (f64.load offset=512 (i32.or
          (i32.shl (local.get $protocol) (i32.const 4))
          (i32.shl
            (i32.and (i32.shr_u (local.get $status) (i32.const 2)) (i32.const 1))
            (i32.const 3)))))))
    (i32.store8 (i32.add (i32.load offset=344 (i32.const 0)) (local.get $n))
      (select (i32.const 3) (i32.const 1)
        (i32.and
          (i32.eq (local.get $protocol) (i32.const 6))
          (i32.ge_u (local.get $state) (i32.const 4)))))
    ;; rowFlags.startUnknown, rowFlags.observedTimes to their like in sliceFlags
    (i32.store16
      (i32.add (i32.load offset=348 (i32.const 0)) (i32.shl (local.get $n) (i32.const 1)))
      (i32.or
        (i32.and (i32.shr_u (local.get $flags) (i32.const 15)) (i32.const 12))
        (i32.shl (f64.eq (local.get $stop) (f64.const 0)) (i32.const 3))))
    (local.set $place (i32.shl (local.get $n) (i32.const 3)))
    (i64.store (i32.add (i32.load offset=300 (i32.const 0)) (local.get $place))
      (i64.load offset=56 (local.get $row)))
    (f64.store (i32.add (i32.load offset=312 (i32.const 0)) (local.get $place))
      (local.get $begin))
    (f64.store (i32.add (i32.load offset=316 (i32.const 0)) (local.get $place))
      (local.get $begin))
    (f64.store (i32.add (i32.load offset=320 (i32.const 0)) (local.get $place))
      (f64.max (local.get $begin) (local.get $end)))
    (f64.store (i32.add (i32.load offset=324 (i32.const 0)) (local.get $place))
      (f64.max (local.get $begin) (f64.sub (local.get $end) (local.get $idle))))
    (i64.store (i32.add (i32.load offset=328 (i32.const 0)) (local.get $place))
      (call $counter (local.get $at) (i32.load offset=40 (local.get $shape))))
    (i64.store (i32.add (i32.load offset=332 (i32.const 0)) (local.get $place))
      (call $counter (local.get $at) (i32.load offset=36 (local.get $shape))))
    (i64.store (i32.add (i32.load offset=336 (i32.const 0)) (local.get $place))
      (call $counter (local.get $at) (i32.load offset=48 (local.get $shape))))
    (i64.store (i32.add (i32.load offset=340 (i32.const 0)) (local.get $place))
      (call $counter (local.get $at) (i32.load offset=44 (local.get $shape))))
    ;; What is left to be told of it.
    (local.set $verdict (i32.load offset=44 (local.get $row)))
    (local.set $place (i32.shl (local.get $n) (i32.const 4)))
    (f64.store offset=32768 (local.get $place) (local.get $end))
    (i32.store offset=32776 (local.get $place) (local.get $hash))
    (i32.store offset=32780 (local.get $place) (local.get $verdict))
    (i32.store offset=84 (i32.const 0) (i32.add
      (i32.load offset=84 (i32.const 0))
      (i32.ne (local.get $verdict) (i32.const 0))))
    ;; ClosedRing.remember
    (local.set $place
      (i32.mul (i32.and (local.get $hash) (i32.const 8191)) (i32.const 24)))
    (i32.store offset=49152 (local.get $place) (local.get $hash))
    (i32.store offset=49156 (local.get $place) (local.get $id))
    (i32.store offset=49160 (local.get $place) (i32.load offset=20 (local.get $entry)))
    (f64.store offset=49168 (local.get $place) (local.get $end))
    ;; OpenTable.remove
    (i32.store (local.get $before) (i32.load offset=4 (i32.add
      (i32.load offset=24 (i32.const 0))
      (i32.shl (local.get $index) (i32.const 4)))))
    (i32.store offset=40 (local.get $row) (i32.const -1))
    (local.set $place (i32.load offset=48 (i32.const 0)))
    (i32.store
      (i32.add (i32.load offset=36 (i32.const 0)) (i32.shl (local.get $place) (i32.const 2)))
      (local.get $index))
    (i32.store offset=48 (i32.const 0) (i32.add (local.get $place) (i32.const 1)))
    (i32.store offset=52 (i32.const 0)
      (i32.sub (i32.load offset=52 (i32.const 0)) (i32.const 1)))
    (i32.store offset=60 (i32.const 0) (i32.add (local.get $n) (i32.const 1)))
    (i32.store offset=76 (i32.const 0)
      (i32.add (i32.load offset=76 (i32.const 0)) (i32.const 1)))
    (i32.const 0))

  ;; Writes what both kinds of rows have. Columns have the numbers of the field table, so column i
  ;; stands at 4 * i.
  (func $tuple (param $columns i32) (param $n i32)
      (param $entry i32) (param $at i32) (param $shape i32)
    (local $mapped v128) (local $place i32)
    (local.set $mapped (v128.const i32x4 0 0 0xffff 0))
    (local.set $place (i32.shl (local.get $n) (i32.const 4)))
    (v128.store (i32.add (i32.load (local.get $columns)) (local.get $place))
      (v128.load32_lane 3 (local.get $entry) (local.get $mapped)))
    (v128.store (i32.add (i32.load offset=4 (local.get $columns)) (local.get $place))
      (v128.load32_lane offset=4 3 (local.get $entry) (local.get $mapped)))
    (v128.store (i32.add (i32.load offset=8 (local.get $columns)) (local.get $place))
      (v128.load32_lane offset=8 3 (local.get $entry) (local.get $mapped)))
    (v128.store (i32.add (i32.load offset=12 (local.get $columns)) (local.get $place))
      (v128.load32_lane offset=12 3 (local.get $entry) (local.get $mapped)))
    (local.set $place (i32.shl (local.get $n) (i32.const 1)))
    (i32.store16 (i32.add (i32.load offset=16 (local.get $columns)) (local.get $place))
      (i32.load16_u offset=16 (local.get $entry)))
    (i32.store16 (i32.add (i32.load offset=20 (local.get $columns)) (local.get $place))
      (i32.load16_u offset=18 (local.get $entry)))
    (i32.store16 (i32.add (i32.load offset=24 (local.get $columns)) (local.get $place))
      (i32.load16_u offset=20 (local.get $entry)))
    (i32.store16 (i32.add (i32.load offset=28 (local.get $columns)) (local.get $place))
      (i32.load16_u offset=22 (local.get $entry)))
    (i32.store8 (i32.add (i32.load offset=32 (local.get $columns)) (local.get $n))
      (i32.load offset=24 (local.get $entry)))
    (i32.store16 (i32.add (i32.load offset=36 (local.get $columns)) (local.get $place))
      (i32.const 0))
    (local.set $place (i32.shl (local.get $n) (i32.const 2)))
    (i32.store (i32.add (i32.load offset=40 (local.get $columns)) (local.get $place))
      (i32.load offset=28 (local.get $entry)))
    (i32.store (i32.add (i32.load offset=48 (local.get $columns)) (local.get $place))
      (call $number (local.get $at) (i32.load offset=32 (local.get $shape))))
    (i32.store (i32.add (i32.load offset=52 (local.get $columns)) (local.get $place))
      (call $number (local.get $at) (i32.load offset=28 (local.get $shape)))))

  ;; A value of four octets; 0 where there is none.
  (func $number (param $at i32) (param $offset i32) (result i32)
    (if (i32.eqz (local.get $offset)) (then (return (i32.const 0))))
    (local.set $at (i32.load (i32.add (local.get $at) (local.get $offset))))
    (i32.or
      (i32.and (i32.rotl (local.get $at) (i32.const 8)) (i32.const 0x00ff00ff))
      (i32.and (i32.rotr (local.get $at) (i32.const 8)) (i32.const 0xff00ff00))))

  ;; A value of eight octets; 0 where there is none.
  (func $counter (param $at i32) (param $offset i32) (result i64)
    (if (i32.eqz (local.get $offset)) (then (return (i64.const 0))))
    (i64x2.extract_lane 0 (i8x16.swizzle
      (v128.load64_zero (i32.add (local.get $at) (local.get $offset)))
      (v128.const i8x16 7 6 5 4 3 2 1 0 7 6 5 4 3 2 1 0))))

  ;; Nanoseconds as microseconds, rounded as a double would be; 0 where there are none.
  (func $time (param $at i32) (param $offset i32) (result f64)
    (if (i32.eqz (local.get $offset)) (then (return (f64.const 0))))
    (f64.floor (f64.div
      (f64.convert_i64_u (call $counter (local.get $at) (local.get $offset)))
      (f64.const 1000))))

  ;; endpointHash of an IPv4 address.
  (func $endpoint (param $address i32) (param $port i32) (result i32)
    (local $hash i32)
    (local.set $hash (i32.mul (i32.const 0x9e3779b1)
      (i32.xor (i32.const 0x1b873593) (local.get $address))))
    (local.set $hash
      (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 15))))
    (local.set $hash (i32.mul (i32.const 0x9e3779b1)
      (i32.xor (local.get $hash) (local.get $port))))
    (local.set $hash
      (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 15))))
    (local.set $hash (i32.mul (i32.const 0x85ebca6b) (local.get $hash)))
    (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 13)))))
