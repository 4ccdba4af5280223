import { problemOfError } from '../../api/problem.ts'
import { Button } from '../button.tsx'
import { ProblemNotice } from '../notice.tsx'
import { Page } from '../page.tsx'

export function PageFailed({ error }: { readonly error: unknown }) {
  return (
    <Page title="This page could not be shown">
      <ProblemNotice
        problem={problemOfError(error)}
        action={
          <Button look="secondary" onClick={() => window.location.reload()}>
            Reload the page
          </Button>
        }
      />
    </Page>
  )
}
