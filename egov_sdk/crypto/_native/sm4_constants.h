/* Written by tools/derive_sm4.py, which says where every number comes from. Do not edit.
 *
 * The S-box of SM4 (GB/T 32907-2016) without a table: as affine maps around the inversion in the field of
 * AES, and as a circuit of 36 AND and 119 XOR.
 */
#ifndef EGOV_SM4_CONSTANTS_H
#define EGOV_SM4_CONSTANTS_H

/* gf2p8affineqb to the field of AES; then gf2p8affineinvqb inverts and comes back */
#define SM4_GFNI_ENTER 0xA7AC65DE3DE94796u
#define SM4_GFNI_ENTER_CONSTANT 0x69
#define SM4_GFNI_LEAVE 0x75F1228D6C1E85C9u
#define SM4_GFNI_LEAVE_CONSTANT 0xD3

/* the same around SubBytes of AES, as look-ups within a register */
#define SM4_AES_ENTER_LOW 0x69, 0x1C, 0xA0, 0xD5, 0xB6, 0xC3, 0x7F, 0x0A, 0x53, 0x26, 0x9A, 0xEF, 0x8C, 0xF9, 0x45, 0x30
#define SM4_AES_ENTER_HIGH 0x00, 0x98, 0x37, 0xAF, 0x6C, 0xF4, 0x5B, 0xC3, 0xAB, 0x33, 0x9C, 0x04, 0xC7, 0x5F, 0xF0, 0x68
#define SM4_AES_LEAVE_LOW 0x61, 0x6E, 0xF1, 0xFE, 0x05, 0x0A, 0x95, 0x9A, 0xF5, 0xFA, 0x65, 0x6A, 0x91, 0x9E, 0x01, 0x0E
#define SM4_AES_LEAVE_HIGH 0x00, 0xA4, 0xE0, 0x44, 0xCD, 0x69, 0x2D, 0x89, 0xA5, 0x01, 0x45, 0xE1, 0x68, 0xCC, 0x88, 0x2C

/* v0..v7 are the bit planes of the input, lowest first, and become those of the output; of type `plane` */
#define SM4_SBOX_CIRCUIT(plane, v0, v1, v2, v3, v4, v5, v6, v7) \
    do { \
        v0 = ~v0; \
        v2 = ~v2; \
        v4 = ~v4; \
        v5 = ~v5; \
        v6 = ~v6; \
        const plane t0 = v0 ^ v4; \
        const plane t1 = v1 ^ v5; \
        const plane t2 = v2 ^ t0; \
        const plane t3 = v3 ^ t1; \
        const plane t4 = v6 ^ v7; \
        const plane t5 = t2 ^ t3; \
        const plane t6 = v1 ^ t0; \
        const plane t7 = v2 ^ v7; \
        const plane t8 = v4 ^ v5; \
        const plane t9 = v6 ^ t5; \
        const plane t10 = t1 ^ t2; \
        const plane t11 = t2 ^ t4; \
        const plane t12 = t4 ^ t6; \
        const plane t13 = t9 ^ t7; \
        const plane t14 = t5 ^ t12; \
        const plane t15 = t9 ^ t13; \
        const plane t16 = t5 ^ t15; \
        const plane t17 = t14 ^ t9; \
        const plane t18 = t17 ^ t13; \
        const plane t19 = t16 ^ t9; \
        const plane t20 = t18 ^ t19; \
        const plane t21 = t9 & t8; \
        const plane t22 = t7 & t10; \
        const plane t23 = t8 ^ t10; \
        const plane t24 = t13 & t23; \
        const plane t25 = t24 ^ t22; \
        const plane t26 = t22 ^ t21; \
        const plane t27 = t5 & t3; \
        const plane t28 = t12 & t11; \
        const plane t29 = t3 ^ t11; \
        const plane t30 = t14 & t29; \
        const plane t31 = t30 ^ t28; \
        const plane t32 = t28 ^ t27; \
        const plane t33 = t9 ^ t5; \
        const plane t34 = t7 ^ t12; \
        const plane t35 = t8 ^ t3; \
        const plane t36 = t10 ^ t11; \
        const plane t37 = t33 & t35; \
        const plane t38 = t34 & t36; \
        const plane t39 = t33 ^ t34; \
        const plane t40 = t35 ^ t36; \
        const plane t41 = t39 & t40; \
        const plane t42 = t41 ^ t38; \
        const plane t43 = t38 ^ t37; \
        const plane t44 = t42 ^ t31; \
        const plane t45 = t43 ^ t32; \
        const plane t46 = t25 ^ t26; \
        const plane t47 = t31 ^ t46; \
        const plane t48 = t32 ^ t25; \
        const plane t49 = t18 ^ t44; \
        const plane t50 = t20 ^ t45; \
        const plane t51 = t9 ^ t47; \
        const plane t52 = t13 ^ t48; \
        const plane t53 = t8 ^ t23; \
        const plane t54 = t3 ^ t53; \
        const plane t55 = t29 ^ t8; \
        const plane t56 = t49 ^ t8; \
        const plane t57 = t50 ^ t23; \
        const plane t58 = t51 ^ t54; \
        const plane t59 = t52 ^ t55; \
        const plane t60 = t56 ^ t57; \
        const plane t61 = t56 ^ t60; \
        const plane t62 = t56 & t58; \
        const plane t63 = t57 & t59; \
        const plane t64 = t58 ^ t59; \
        const plane t65 = t60 & t64; \
        const plane t66 = t65 ^ t63; \
        const plane t67 = t63 ^ t62; \
        const plane t68 = t61 ^ t66; \
        const plane t69 = t56 ^ t67; \
        const plane t70 = t68 ^ t58; \
        const plane t71 = t69 ^ t64; \
        const plane t72 = t70 ^ t71; \
        const plane t73 = t56 & t70; \
        const plane t74 = t57 & t72; \
        const plane t75 = t70 ^ t72; \
        const plane t76 = t60 & t75; \
        const plane t77 = t76 ^ t74; \
        const plane t78 = t74 ^ t73; \
        const plane t79 = t56 ^ t58; \
        const plane t80 = t57 ^ t59; \
        const plane t81 = t79 & t70; \
        const plane t82 = t80 & t72; \
        const plane t83 = t79 ^ t80; \
        const plane t84 = t83 & t75; \
        const plane t85 = t84 ^ t82; \
        const plane t86 = t82 ^ t81; \
        const plane t87 = t9 & t77; \
        const plane t88 = t7 & t78; \
        const plane t89 = t77 ^ t78; \
        const plane t90 = t13 & t89; \
        const plane t91 = t90 ^ t88; \
        const plane t92 = t88 ^ t87; \
        const plane t93 = t5 & t85; \
        const plane t94 = t12 & t86; \
        const plane t95 = t85 ^ t86; \
        const plane t96 = t14 & t95; \
        const plane t97 = t96 ^ t94; \
        const plane t98 = t94 ^ t93; \
        const plane t99 = t77 ^ t85; \
        const plane t100 = t78 ^ t86; \
        const plane t101 = t33 & t99; \
        const plane t102 = t34 & t100; \
        const plane t103 = t99 ^ t100; \
        const plane t104 = t39 & t103; \
        const plane t105 = t104 ^ t102; \
        const plane t106 = t102 ^ t101; \
        const plane t107 = t105 ^ t97; \
        const plane t108 = t106 ^ t98; \
        const plane t109 = t91 ^ t92; \
        const plane t110 = t97 ^ t109; \
        const plane t111 = t98 ^ t91; \
        const plane t112 = t9 ^ t8; \
        const plane t113 = t7 ^ t10; \
        const plane t114 = t5 ^ t3; \
        const plane t115 = t12 ^ t11; \
        const plane t116 = t112 & t77; \
        const plane t117 = t113 & t78; \
        const plane t118 = t112 ^ t113; \
        const plane t119 = t118 & t89; \
        const plane t120 = t119 ^ t117; \
        const plane t121 = t117 ^ t116; \
        const plane t122 = t114 & t85; \
        const plane t123 = t115 & t86; \
        const plane t124 = t114 ^ t115; \
        const plane t125 = t124 & t95; \
        const plane t126 = t125 ^ t123; \
        const plane t127 = t123 ^ t122; \
        const plane t128 = t112 ^ t114; \
        const plane t129 = t113 ^ t115; \
        const plane t130 = t128 & t99; \
        const plane t131 = t129 & t100; \
        const plane t132 = t128 ^ t129; \
        const plane t133 = t132 & t103; \
        const plane t134 = t133 ^ t131; \
        const plane t135 = t131 ^ t130; \
        const plane t136 = t134 ^ t126; \
        const plane t137 = t135 ^ t127; \
        const plane t138 = t120 ^ t121; \
        const plane t139 = t126 ^ t138; \
        const plane t140 = t127 ^ t120; \
        const plane t141 = t140 ^ t137; \
        const plane t142 = t139 ^ t111; \
        const plane t143 = t140 ^ t108; \
        const plane t144 = t136 ^ t142; \
        const plane t145 = t110 ^ t108; \
        const plane t146 = t107 ^ t141; \
        const plane t147 = t139 ^ t110; \
        const plane t148 = t137 ^ t144; \
        const plane t149 = t111 ^ t141; \
        const plane t150 = t110 ^ t146; \
        const plane t151 = t142 ^ t143; \
        const plane t152 = t144 ^ t146; \
        const plane t153 = t145 ^ t148; \
        const plane t154 = t145 ^ t149; \
        v0 = ~t143; \
        v1 = ~t150; \
        v2 = t153; \
        v3 = t154; \
        v4 = ~t147; \
        v5 = t139; \
        v6 = ~t152; \
        v7 = ~t151; \
    } while (0)

#endif
