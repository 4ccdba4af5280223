import type { CommandType, LedgerEvent } from '@micropay/schemas/log/event'
import { broughtCommand, EVENT_GENERATION } from '@micropay/schemas/log/generations'
import type { Position } from '@micropay/schemas/position'
import type { CommandRule, Decided, Decision, DecisionFacts, LedgerView } from './ledger.ts'
import { commands } from './nouns.ts'

type Table = typeof commands
type DataOf<Rule> = Rule extends { decide(data: infer Data, ...rest: never[]): unknown } ? Data : never
type KeptBy<Rule> = Rule extends { keep(...args: never[]): infer Kept } ? Exclude<Kept, undefined> : never

/** What each command says. */
export type CommandData = { readonly [Type in CommandType]: DataOf<Table[Type]> }
/** What the key of some command keeps for its answer. */
export type Kept = { readonly [Type in CommandType]: KeptBy<Table[Type]> }[CommandType]
export type CommandAnswer = ReturnType<Table[CommandType]['answer']>

/** Mapped and indexed, so that a command and its rule are known to be of one type. */
export type CommandOf<Type extends CommandType = CommandType> = {
  readonly [Each in Type]: { readonly type: Each; readonly data: CommandData[Each] }
}[Type]
export type LedgerCommand = CommandOf

const rules: { readonly [Type in CommandType]: CommandRule<CommandData[Type], Kept, CommandAnswer> } = commands

function ruleOf<Type extends CommandType>(command: CommandOf<Type>) {
  return rules[command.type]
}

/** One command against the ledger as it stands: the events that it leads to, or the first reason against it. Pure. */
export function decide<Type extends CommandType>(
  command: CommandOf<Type>,
  ledger: LedgerView,
  facts: DecisionFacts,
): Decision {
  return ruleOf(command).decide(command.data, ledger, facts)
}

/** What a command is about, in a generation: its commit's key, and what its partition is chosen by. */
export function placeOf<Type extends CommandType>(command: CommandOf<Type>, generation = EVENT_GENERATION): string {
  return ruleOf(command).place(command.data, generation)
}

/** The generation that a ledger has to be written in for this to be decided: an earlier one has no words for it. */
export function generationOf<Type extends CommandType>(command: CommandOf<Type>): number {
  return Math.max(broughtCommand(command.type), ruleOf(command).needs?.(command.data) ?? 1)
}

/**
 * What an accepted command's key keeps for its answer, from the events and the state after them: a replayed log gives
 * the same.
 */
export function keptOf(type: CommandType, events: readonly LedgerEvent[], after: LedgerView): Kept | undefined {
  return rules[type].keep?.(events, after)
}

/** The answer to an accepted command, from the request (the same by its hash) and what its key keeps. */
export function answerTo<Type extends CommandType>(
  command: CommandOf<Type>,
  decided: Decided & Partial<Kept>,
  position: Position | undefined,
): CommandAnswer {
  return ruleOf(command).answer(command.data, decided, position)
}
