/** A sign that no other room has: of what is started. */

import { CaretRightOutlined } from "@ant-design/icons";

export const CaretIcon = () => <CaretRightOutlined aria-hidden />;
