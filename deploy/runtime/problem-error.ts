import { type Problem, type ProblemCode, problemOf } from '@micropay/schemas/api/problem'

/** Answers with a problem of the catalogue (docs/errors.md) when thrown from a route. */
export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly headers: Readonly<Record<string, string>>
  readonly problem: Problem

  constructor(
    code: ProblemCode,
    detail: string,
    more: Parameters<typeof problemOf>[2] & { headers?: Record<string, string> } = {},
  ) {
    super(detail)
    const { headers, ...extra } = more
    this.code = code
    this.headers = headers ?? {}
    this.problem = problemOf(code, detail, extra)
  }
}
