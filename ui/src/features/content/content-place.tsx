export function ContentPlace() {
  return null;
}
