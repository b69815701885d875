"""Bytes to tables and back: knows X12, knows no business."""
