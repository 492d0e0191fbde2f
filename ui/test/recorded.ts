//! What the page really hears of keys that an input method takes: recorded in the window of WebKitGTK 2.50 with ibus-libpinyin 1.15,
//! as docs/scanner-and-input-methods.md tells. `event:key/code@ms`; of what is written, `event:text/@ms`, with `*` while composing.

/** A payment code that is scanned while Pinyin composes: its first digit picks a word. */
export const codeOverPinyin = `
keydown:Unidentified/Unidentified@0 input:平/*@3 compositionend:平/@5 keyup:1/Digit1@2 keydown:3/Digit3@4 input:3/@12
keyup:3/Digit3@7 keydown:7/Digit7@9 input:7/@16 keyup:7/Digit7@12 keydown:2/Digit2@15 input:2/@21 keyup:2/Digit2@18
keydown:3/Digit3@23 input:3/@26 keyup:3/Digit3@25 keydown:7/Digit7@28 input:7/@31 keyup:7/Digit7@31
keydown:0/Digit0@34 input:0/@35 keyup:0/Digit0@37 keydown:7/Digit7@40 input:7/@41 keyup:7/Digit7@42
keydown:7/Digit7@46 input:7/@51 keyup:7/Digit7@48 keydown:7/Digit7@51 input:7/@54 keyup:7/Digit7@54
keydown:5/Digit5@57 input:5/@58 keyup:5/Digit5@59 keydown:7/Digit7@61 input:7/@62 keyup:7/Digit7@63
keydown:3/Digit3@66 input:3/@67 keyup:3/Digit3@68 keydown:9/Digit9@70 input:9/@71 keyup:9/Digit9@73
keydown:4/Digit4@75 input:4/@76 keyup:4/Digit4@78 keydown:7/Digit7@80 input:7/@80 keyup:7/Digit7@82
keydown:7/Digit7@84 input:7/@89 keyup:7/Digit7@88 keydown:8/Digit8@90 input:8/@94 keyup:8/Digit8@93
keydown:Enter/Enter@100 keyup:Enter/Enter@109
`;

/** One of our numbers, scanned into an empty note: Pinyin keeps all of it and writes its capitals. */
export const numberInEmptyNote = `
keydown:Shift/ShiftLeft@0 keydown:Unidentified/Unidentified@193 input:TKBGFDTSTPBZZVBCNDWG/*@201
compositionend:TKBGFDTSTPBZZVBCNDWG/@202 keyup:Enter/Enter@194
`;

/** One of our numbers, scanned while Pinyin composes. */
export const numberOverPinyin = `
keydown:Shift/ShiftLeft@0 keydown:T/KeyT@1 input:T/@10 keydown:Shift/ShiftLeft@14 keydown:K/KeyK@14 input:K/@46
keydown:Shift/ShiftLeft@33 keydown:B/KeyB@33 input:B/@55 keydown:Unidentified/Unidentified@64 input:评/*@67
compositionend:评/@67 keyup:2/Digit2@48 keydown:Shift/ShiftLeft@50 keydown:Unidentified/Unidentified@163
input:GGSWECYERCSSQGGBJR/*@168 compositionend:GGSWECYERCSSQGGBJR/@170 keyup:Enter/Enter@169
`;

/** A payment code, scanned while Bopomofo composes: its digits become signs. */
export const codeOverBopomofo = `
keydown:Unidentified/Unidentified@0 input:你ㄅˇㄚㄓ˙˙ㄉ˙˙ˊㄅ˙ˋㄞㄅˋㄓㄓ/*@4 compositionend:你ㄅˇㄚㄓ˙˙ㄉ˙˙ˊㄅ˙ˋㄞㄅˋㄓㄓ/@4
keyup:Enter/Enter@8
`;

/** A quick hand that writes words by Pinyin. */
export const handInPinyin = `
keydown:Unidentified/Unidentified@0 input:你好/*@9 compositionend:你好/@10 keyup:Space/Space@5
keydown:Unidentified/Unidentified@247 input:世界/*@252 compositionend:世界/@253 keydown:Unidentified/Unidentified@248
input:，/*@267 compositionend:，/@267 keyup:Space/Space@233 keyup:,/Comma@250 keydown:Unidentified/Unidentified@428
input:天气/*@433 compositionend:天气/@435 keyup:1/Digit1@434
`;
