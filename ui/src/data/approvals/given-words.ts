type Given = { readonly by: string | null | undefined; readonly approvedBy: string | null | undefined }

/** Who asked for it, and who approved it where it took two: `operator:olga, approved by operator:otto`. */
export function givenWords({ by, approvedBy }: Given): string {
  const asked = by ?? 'somebody'
  return approvedBy ? `${asked}, approved by ${approvedBy}` : asked
}
