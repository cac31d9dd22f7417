"""Are the NPU files beside a bundle its model's, whole, and do they compute what it computes?"""
