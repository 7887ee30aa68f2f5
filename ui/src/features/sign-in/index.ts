export { Join } from "./join";
export { Reset } from "./reset";
export { SignIn } from "./sign-in";
