"""Attribution on tensors: tensors in, tensors out."""
