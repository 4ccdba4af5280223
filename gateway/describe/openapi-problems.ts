import { refusalHeaders } from './openapi-headers.ts'

/** Whatever is asked may be refused, here or behind: `outcome` says by its code what came of a command then. */
export const problemResponses = {
  Refused: problem('Refused, or not as it should be: docs/errors.md by its code'),
  Failed: problem('Our fault, or not now: docs/errors.md by its code'),
}

export const problems = {
  '4XX': { $ref: '#/components/responses/Refused' },
  '5XX': { $ref: '#/components/responses/Failed' },
}

function problem(description: string) {
  return {
    description,
    headers: refusalHeaders,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
}
