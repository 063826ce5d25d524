//! What an instruction of Thumb code does to the stack, and where it goes next.
//!
//! Source: ARMv7-M Architecture Reference Manual, chapter A7; ARMv6-M has a part of the same instructions.

/// What of an instruction matters for the depth of the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// The stack grows by so many bytes.
    Grows(u32),
    /// The stack is moved by what is in a register.
    MovedBy(u8),
    /// It goes on there, perhaps never to come back: a call, or a jump.
    GoesTo(u32),
    /// It goes where a register says.
    GoesByPointer,
    /// A register gets what stands at an address.
    Loads(u8, u32),
    /// A register gets these lower 16 bits.
    LowerHalf(u8, u16),
    /// And these upper ones.
    UpperHalf(u8, u16),
    /// Something else.
    Else,
}

const STACK_POINTER: u16 = 13;
const LINK: u16 = 14;

/// How many halfwords an instruction has, by the first.
pub(crate) fn halfwords(first: u16) -> u32 {
    if first >> 11 >= 0b11101 { 2 } else { 1 }
}

/// What the instruction at `address` does; `second` counts if it has two halfwords.
pub(crate) fn does(address: u32, first: u16, second: u16) -> Does {
    if halfwords(first) == 1 { narrow(address, first) } else { wide(address, first, second) }
}

fn narrow(address: u32, it: u16) -> Does {
    let register = |shift: u16| u8::try_from(it >> shift & 0xF).unwrap_or_default();
    match it {
        // PUSH
        0xB400..=0xB5FF => Does::Grows(4 * (it & 0x1FF).count_ones()),
        // SUB SP, #
        0xB080..=0xB0FF => Does::Grows(4 * u32::from(it & 0x7F)),
        // ADD SP, Rm
        _ if it & 0xFF87 == 0x4485 => Does::MovedBy(register(3)),
        // LDR Rt, [PC, #]
        0x4800..=0x4FFF => {
            let at = ((address + 4) & !3) + 4 * u32::from(it & 0xFF);
            Does::Loads(u8::try_from(it >> 8 & 7).unwrap_or_default(), at)
        }
        // BLX Rm
        _ if it & 0xFF87 == 0x4780 => Does::GoesByPointer,
        // BX Rm
        _ if it & 0xFF87 == 0x4700 && it >> 3 & 0xF != LINK => Does::GoesByPointer,
        // B, and with a condition
        0xE000..=0xE7FF => Does::GoesTo(target(address, u32::from(it & 0x7FF) << 1, 12)),
        0xD000..=0xDDFF => Does::GoesTo(target(address, u32::from(it & 0xFF) << 1, 9)),
        _ => Does::Else,
    }
}

fn wide(address: u32, first: u16, second: u16) -> Does {
    let (a, b) = (u32::from(first), u32::from(second));
    let (i, imm3, imm8) = (a >> 10 & 1, b >> 12 & 7, b & 0xFF);
    let imm12 = i << 11 | imm3 << 8 | imm8;
    let into = u8::try_from(b >> 8 & 0xF).unwrap_or_default();
    let into_stack_pointer = second >> 8 & 0xF == STACK_POINTER;
    let half = || u16::try_from((a & 0xF) << 12 | imm12).unwrap_or_default();
    match first {
        // STMDB SP!, {…}
        0xE92D => Does::Grows(4 * second.count_ones()),
        // VPUSH {…}
        _ if first & 0xFFBF == 0xED2D => Does::Grows(4 * imm8),
        // STRD …, [SP, #-]!
        0xE96D => Does::Grows(4 * imm8),
        // STR Rt, [SP, #-]!
        0xF84D if second & 0x0F00 == 0x0D00 => Does::Grows(imm8),
        // SUB.W and SUBW SP, SP, #
        _ if first & 0xFBEF == 0xF1AD && into_stack_pointer => Does::Grows(expanded(imm12)),
        _ if first & 0xFBFF == 0xF2AD && into_stack_pointer => Does::Grows(imm12),
        // SUB SP, SP, Rm
        _ if first & 0xFFEF == 0xEBAD && into_stack_pointer => {
            Does::MovedBy(u8::try_from(second & 0xF).unwrap_or_default())
        }
        // MOVW, MOVT
        _ if first & 0xFBF0 == 0xF240 && second & 0x8000 == 0 => Does::LowerHalf(into, half()),
        _ if first & 0xFBF0 == 0xF2C0 && second & 0x8000 == 0 => Does::UpperHalf(into, half()),
        // LDR.W PC, […]
        _ if first & 0xFF70 == 0xF850 && second >> 12 == 15 => Does::GoesByPointer,
        _ if first & 0xF800 == 0xF000 && second & 0x8000 != 0 => branch(address, a, b),
        _ => Does::Else,
    }
}

/// BL, B.W, and B.W with a condition.
fn branch(address: u32, a: u32, b: u32) -> Does {
    let (s, j1, j2, imm11) = (a >> 10 & 1, b >> 13 & 1, b >> 11 & 1, b & 0x7FF);
    if b & 0x1000 == 0 {
        // Of conditions there are fourteen; the others are instructions for the system.
        if b & 0x4000 != 0 || a >> 6 & 0xF >= 14 {
            return Does::Else;
        }
        let offset = s << 20 | j2 << 19 | j1 << 18 | (a & 0x3F) << 12 | imm11 << 1;
        return Does::GoesTo(target(address, offset, 21));
    }
    let offset = s << 24 | (j1 ^ s ^ 1) << 23 | (j2 ^ s ^ 1) << 22 | (a & 0x3FF) << 12 | imm11 << 1;
    Does::GoesTo(target(address, offset, 25))
}

/// `offset`, a signed number of so many bits, from the instruction after the next.
fn target(address: u32, offset: u32, bits: u32) -> u32 {
    let sign = 1 << (bits - 1);
    address.wrapping_add(4).wrapping_add((offset ^ sign).wrapping_sub(sign))
}

/// A constant as SUB.W has it: a byte, several times or shifted.
fn expanded(imm12: u32) -> u32 {
    let byte = imm12 & 0xFF;
    match imm12 >> 8 {
        0 => byte,
        1 => byte << 16 | byte,
        2 => byte << 24 | byte << 8,
        3 => byte << 24 | byte << 16 | byte << 8 | byte,
        _ => (0x80 | byte & 0x7F).rotate_right(imm12 >> 7),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As GNU's assembler writes them.
    #[test]
    fn instructions_do_what_the_manual_says() {
        for (first, second, wanted) in [
            // push {r4, r5, r6, r7, lr}; sub sp, #508
            (0xB5F0, 0, Does::Grows(20)),
            (0xB0FF, 0, Does::Grows(508)),
            // add sp, r6; ldr r6, [pc, #8]
            (0x44B5, 0, Does::MovedBy(6)),
            (0x4E02, 0, Does::Loads(6, 0x100C)),
            // push.w {r4-r11, lr}; strd r0, r1, [sp, #-16]!; vpush {d8, d9}; str r11, [sp, #-4]!
            (0xE92D, 0x4FF0, Does::Grows(36)),
            (0xE96D, 0x0104, Does::Grows(16)),
            (0xED2D, 0x8B04, Does::Grows(16)),
            (0xF84D, 0xBD04, Does::Grows(4)),
            // sub.w sp, sp, #5120; sub.w sp, sp, #812; subw sp, sp, #3452
            (0xF5AD, 0x5DA0, Does::Grows(5_120)),
            (0xF5AD, 0x7D4B, Does::Grows(812)),
            (0xF6AD, 0x5D7C, Does::Grows(3_452)),
            // add.w lr, sp, #4096; add sp, #8; bx lr; mov r0, sp
            (0xF50D, 0x5E80, Does::Else),
            (0xB002, 0, Does::Else),
            (0x4770, 0, Does::Else),
            (0x4668, 0, Does::Else),
            // blx r1; bx r3; ldr.w pc, [r0, #4]
            (0x4788, 0, Does::GoesByPointer),
            (0x4718, 0, Does::GoesByPointer),
            (0xF8D0, 0xF004, Does::GoesByPointer),
            // b .; bne .-2; bl .; bl .+0x100; b.w .-0x100; beq.w .+0x1000
            (0xE7FE, 0, Does::GoesTo(0x1000)),
            (0xD1FD, 0, Does::GoesTo(0x0FFE)),
            (0xF7FF, 0xFFFE, Does::GoesTo(0x1000)),
            (0xF000, 0xF87E, Does::GoesTo(0x1100)),
            (0xF7FF, 0xBF7E, Does::GoesTo(0x0F00)),
            (0xF000, 0x87FE, Does::GoesTo(0x2000)),
            // movw r3, #0x1235; movt r3, #0x2000; dmb sy; mrs r0, PRIMASK
            (0xF241, 0x2335, Does::LowerHalf(3, 0x1235)),
            (0xF2C2, 0x0300, Does::UpperHalf(3, 0x2000)),
            (0xF3BF, 0x8F5F, Does::Else),
            (0xF3EF, 0x8010, Does::Else),
        ] {
            assert_eq!(does(0x1000, first, second), wanted, "{first:04x} {second:04x}");
        }
    }

    #[test]
    fn constants_expand_as_the_manual_says() {
        let expansions = [(0x0AB, 0xAB), (0x1AB, 0x00AB_00AB), (0x2AB, 0xAB00_AB00), (0x3AB, 0xABAB_ABAB)];
        for (imm12, wanted) in expansions.into_iter().chain([(0x47F, 0xFF00_0000), (0xFFF, 0x1FE)]) {
            assert_eq!(expanded(imm12), wanted, "{imm12:03x}");
        }
    }
}
