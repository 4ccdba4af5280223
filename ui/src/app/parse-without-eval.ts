import { config } from 'zod'

// zod writes its parsers as code where it can; the pages' Content-Security-Policy forbids that.
config({ jitless: true })
