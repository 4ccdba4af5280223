/** What the person who runs the command can put right: printed without a stack, and the command ends with 1. */
export class InputError extends Error {
  readonly code = 'input'
}
