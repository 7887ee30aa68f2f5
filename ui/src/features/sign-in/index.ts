export { Into } from "./into";
export { Join } from "./join";
export { useMailLanguage } from "./mail-language";
export { Reset } from "./reset";
export { SignIn } from "./sign-in";
