import { ProposalDecided } from '@micropay/schemas/api/approval'
import { Problem } from '@micropay/schemas/api/problem'
import { z } from 'zod'

/**
 * How a command is answered that may need a second person: with what it did, or with the proposal that it became. A dry
 * run (200) says either, as it would be. `later` is what the command itself answers while it is under way.
 */
export function governedAnswers<Told extends z.ZodType, Later extends z.ZodType = Told>(told: Told, later?: Later) {
  return {
    200: z.union([told, ProposalDecided]),
    201: told,
    202: later ? z.union([ProposalDecided, later]) : ProposalDecided,
    '4xx': Problem,
    '5xx': Problem,
  }
}
